# SPDX-License-Identifier: MIT
# For notify-http: what Slack's incoming webhooks take. The input is the event, and the output is what is sent.
# The fields of an event stand in sikka-sweep(1). Copy this file for another service.
def plain: tostring | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;");

{text: "*sikka: \(.event | plain)* \(.office_id // "" | plain)\n\(.text | plain)"}
