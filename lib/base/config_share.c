/* SPDX-License-Identifier: MIT */
/* config_share: the setting share, and how another host's office is refused. A wrong share is an error (78). */
#include "base/config_parts.h"

int
sk_config_read_share(struct sk_config *config, struct sk_error *err)
{
	const char *text = config->share_text;

	config->share = (struct sk_share){0, 0};
	if (text == NULL || sk_share_read(text, &config->share))
		return 0;
	return sk_error_set(err, SK_EXIT_CONFIG,
	    "share (%s) must be K/N, this host's number and that of all hosts, such as 2/5: from 1 "
	    "to %d, not \"%.40s\"",
	    sk_config_source(config, "share"), SK_SHARE_MOST, text);
}

int
sk_config_refuse_share(const struct sk_config *config, const char *office_id, struct sk_error *err)
{
	const struct sk_share *share = &config->share;

	if (sk_share_has(share, office_id))
		return 0;
	return sk_error_set(err, SK_EXIT_BAD_DATA,
	    "other_share: office %s is of host %lld/%lld, and this one is %lld/%lld (%s)",
	    office_id, (long long)sk_share_of(office_id, share->of), (long long)share->of,
	    (long long)share->number, (long long)share->of, sk_config_source(config, "share"));
}
