#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/system/kubernetes: what its parts say of each other, and its container's commands, run with its mounts and modes
. "$(dirname "$0")/lib.sh"

YAML=$TOP/scripts/system/kubernetes/sikka.yaml
IMAGE=$TOP/scripts/system/kubernetes/Containerfile
python3 -c 'import yaml' 2>"$T/why" || { echo "1..0 # SKIP no python3-yaml"; exit 0; }
python3 -c 'import json, sys, yaml; json.dump(list(yaml.safe_load_all(open(sys.argv[1]))), sys.stdout)' "$YAML" >all.json
# Each kind is there once.
jq -c 'map({key: .kind, value: .}) | from_entries' all.json >kinds
q() { jq -r "$1" kinds; }
jq -c '.StatefulSet.spec.template.spec as $pod | {pod: $pod, box: $pod.containers[0],
    env: [$pod.containers[0].env[] | {key: .name, value}] | from_entries,
    at: [$pod.containers[0].volumeMounts[] | {key: .name, value: .mountPath}] | from_entries}' kinds >pod
p() { jq -r "$1" pod; }

# --- what its parts say of each other ---------------------------------------------------------------

is "$(q 'keys | join(" ")')" "ConfigMap PodDisruptionBudget Service StatefulSet" "what it has"
is "$(q .StatefulSet.spec.replicas)" "$(p .env.SIKKA_HOSTS)" "there are as many hosts as each is told"
labels=$(q '.StatefulSet.spec.template.metadata.labels | tojson')
is "$(q '.StatefulSet.spec.selector.matchLabels | tojson') $(q '.PodDisruptionBudget.spec.selector.matchLabels | tojson') $(q '.Service.spec.selector | tojson')" \
    "$labels $labels $labels" "all of it means the same pods"
is "$(q .StatefulSet.spec.serviceName)" "$(q .Service.metadata.name)" "and the same service"
is "$(q '.StatefulSet.spec.ordinals // "from 0"')" "from 0" "which count from 0"
is "$(q '.StatefulSet.spec.volumeClaimTemplates | map(.metadata.name, .spec.accessModes[0]) | join(" ")') $(q '.StatefulSet.spec.persistentVolumeClaimRetentionPolicy | join(" ")')" \
    "state ReadWriteOncePod Retain Retain" "a volume for each pod, which stays"
is "$(p '[.pod.volumes[] | select(.persistentVolumeClaim or .hostPath)] | length')" 0 "and no other that lasts"
is "$(p '[.at | keys[]] | join(" ")')" "$(jq -r '[.StatefulSet.spec | .volumeClaimTemplates[].metadata.name, .template.spec.volumes[].name] | sort | join(" ")' kinds)" \
    "what is mounted is there, and what is there is mounted"
is "$(p '[.at.state, .at.metrics, .at.secret] == [.env.STATE_DIRECTORY, .env.RUNTIME_DIRECTORY, .env.CREDENTIALS_DIRECTORY]')" true \
    "the folders that the commands are told are mounted"
is "$(p '[(.pod.volumes[] | select(.name == "config").configMap.name), .at.config] | join(" ")')" "$(q .ConfigMap.metadata.name) /etc/sikka" "and so is the config file"
grace=$(p .pod.terminationGracePeriodSeconds)
is "$grace" "$(sed -n 's/^TimeoutStopSec=//p' "$TOP"/scripts/system/systemd/sikka-.service.d/*.conf)" "it may end as slowly as the units"
is "$(p '[.pod.securityContext | .runAsNonRoot, .runAsUser == .fsGroup, .fsGroupChangePolicy] + [.box.securityContext
    | .allowPrivilegeEscalation, .readOnlyRootFilesystem, .capabilities.drop[0]] | join(" ")')" \
    "true true OnRootMismatch false true ALL" "not as root, and it can change nothing but its volumes"
is "$(p '[.pod.automountServiceAccountToken, .box.resources.requests.memory != null, .box.resources.limits.memory != null] | join(" ")')" "false true true" \
    "it can't ask Kubernetes anything, and its memory is limited"
like "$(p '.box.readinessProbe.exec.command | join(" ")')" '^run-all .*sikka-status --check' "sikka-status --check says whether it is ready"
is "$(p '.box.livenessProbe')" null "and doesn't end it"
like "$(q .ConfigMap.data.config)" "^app_id = " "the config has no secret"
is "$(sed -n 's/^USER \([0-9]*\):.*/\1/p' "$IMAGE")" "$(p .pod.securityContext.runAsUser)" "the image's user is the pod's"
like "$(cat "$IMAGE")" '^ENTRYPOINT \["run-all"\]$' "the image runs run-all"
sed -n 's/^demo \([a-z0-9-]*-dev\).*/\1/p' "$TOP/scripts/setup" | while read -r package; do
	grep -q "[ ]$package\\b" "$IMAGE" || echo "$package"
done >lacking
is "$(cat lacking)" "" "it is built with all that scripts/setup names"
if grep -q bookworm /etc/os-release && ! nm "$BUILD/lib/base/mem.o" 2>>gone.err | grep -q __asan; then
	ldd "$BUILD"/bin/* | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u >loaded
	for program in "$BUILD"/bin/*; do readelf -d "$program"; done | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort -u >needed
	while read -r library; do
		dpkg -S "*/$library" 2>>gone.err | sed 's/:.*//'
	done <needed | sort -u | grep -v '^libc6' >packages
	sed -n '/^FROM debian:bookworm-slim$/,$p' "$IMAGE" | tr ' ' '\n' >installs
	is "$(grep -vxFf installs packages)" "" "it has the libraries of the programs"
fi

# --- the container's commands -----------------------------------------------------------------------------

if [ "$(id -u)" -ne 0 ] || ! unshare -m --uts --pid --fork true 2>>gone.err; then
	echo "# this isn't root, or there are no namespaces: the container's commands aren't run"
	done_testing
fi
run 0 "make install, as for the image" env MAKEFLAGS= make -s -C "$TOP" BUILD="$BUILD" DESTDIR="$T/image" install
ln -s ../share/sikka/run-all image/usr/local/bin/run-all
# shellcheck disable=SC2046
start_sim --rate-limit 100000 --delay 0:0 --offices 30 $(for number in $(seq 10003 10030); do printf -- '--pms D%s=Dentrix:G6.2 ' "$number"; done)
user=$(p .pod.securityContext.runAsUser) group=$(p .pod.securityContext.fsGroup)

# as_kubelet FOLDER FILE MODE: a volume of a Secret or a ConfigMap, from a file on standard input. It belongs to root, a
# file is a link into a folder that a link names, and fsGroup makes it readable for the group.
as_kubelet() {
	mkdir -p "$1/..2031" && cat >"$1/..2031/$2"
	ln -s ..2031 "$1/..data" && ln -s "..data/$2" "$1/$2"
	chmod "$3" "$1/..2031/$2" && chgrp -R "$group" "$1" && chmod 2755 "$1/..2031" && chmod 3777 "$1"
}
printf sikka-sim-key | as_kubelet secret sikka_app_key 440
{
	q .ConfigMap.data.config | sed 's/ID/sikka-sim-app/'
	echo "base_url = $SIKKA_BASE_URL"
	echo "shared_offices = *"
} | as_kubelet config config 644
# An empty disk, as fsGroup gives it.
mkdir -p state/lost+found metrics tmp && chmod 700 state/lost+found
for folder in state metrics tmp; do chown "0:$group" $folder && chmod 2775 $folder; done
p '.at | to_entries[] | "\(.key) \(.value)"' >mounts
p '.env | to_entries[] | "\(.key)=\(.value)"' >variables
mkdir root

# The root of the container: the system's programs and the image's, read-only, and the volumes.
cat >enter <<'END'
set -e
host=$1
shift
mount -t tmpfs tmpfs root && cd root
mkdir usr etc proc dev tmp var var/lib
for link in /bin /sbin /lib*; do
	if [ -L "$link" ]; then cp -a "$link" .; else mkdir ".$link" && mount --bind "$link" ".$link"; fi
done
cp -a /etc/ld.so.cache /etc/nsswitch.conf /etc/passwd /etc/group /etc/alternatives etc
mount --bind /usr usr && mount -o remount,bind,ro usr
mount --bind ../image/usr/local usr/local && mount -o remount,bind,ro usr/local
mount --bind /dev dev && mount -t proc proc proc
while read -r name path; do
	mkdir -p ".$path" && mount --bind "../$name" ".$path"
	case $name in secret | config) mount -o remount,bind,ro ".$path" ;; esac
done <../mounts
mount -o remount,ro .
hostname "$host"
set -- env -i HOSTNAME="$host" PATH=/usr/local/bin:/usr/bin:/bin HOME=/ $(cat ../variables) $MORE "$@"
exec chroot . setpriv --reuid "$user" --regid "$group" --groups "$group" --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
END
export user group
# pod COMMAND ...: as the container's process
pod() { env -u LD_PRELOAD MORE="${MORE:-}" unshare -m --uts --pid --fork sh enter sikka-2 "$@"; }
probe() {
	eval "pod $(p ".box.$1.exec.command | @sh")"
}

run 0 "the root can't be written" pod sh -c '! touch /x 2>/dev/null && ! touch /etc/sikka/x 2>/dev/null && touch /tmp/x'
run 78 "before it runs, it isn't started" probe startupProbe
pod run-all -i poll=1 -i metrics=1 -i sweep=1 -i backup=1 2>run.err &
outside=$!
sim_pids="$sim_pids $outside"
wait_for test -s metrics/sikka.prom -a -e state/backups/sikka.db -a -e state/changed.jsonl
ok $? "it authorizes, writes numbers, copies"
run 0 "startupProbe" probe startupProbe
run 0 "readinessProbe" probe readinessProbe
like "$out" '^SIKKA OK ' "all is well"
is "$(cat run.err)" "sikka-authorize: began the state file /var/lib/sikka/sikka.db" "without a complaint about a key or a mode"
# shellcheck disable=SC2046 # ids
SIKKA_SHARE=1/5 sikka-status --share $(sim_get requests | jq -r '.renewals | keys[]') | jq -r '[.office_id, .host] | join(" ")' | sort >shares
is "$(sqlite state/sikka.db 'SELECT office_id FROM pms_integrations ORDER BY 1')" "$(sed -n 's/ 3$//p' shares)" "it has the offices of host 3 of 5"
office=$(sed -n 's/ 3$//p' shares | head -n 1)
like "$office" '^D' "of which there are some"
booking office_id="$office" key=order-1 >in
run 0 "a person's command, by run-all" pod run-all sikka-book -q --wait=1m <in
is "$(said .result)" completed "books"
run 78 "and without it" pod sikka-book -q <in
like "$err" 'share .SIKKA_SHARE. must be K/N' "is refused"
child_of() { tr -d ' ' <"/proc/$1/task/$1/children"; }
inside=$(child_of "$(child_of "$outside")")
signal TERM "$inside"
wait_for has_ended "$outside"
wait "$outside"
is $? 0 "SIGTERM ends it"
is "$(find state -type f ! -perm 600 | sort) $(stat -c '%a %u %g' state)" " 2775 0 $group" "its files are its user's, and the volume is as fsGroup gave it"
run 77 "app_key_file, in place of CREDENTIALS_DIRECTORY" env MORE="CREDENTIALS_DIRECTORY= SIKKA_APP_KEY_FILE=$(p .at.secret)/sikka_app_key" sh -c '
    env -u LD_PRELOAD unshare -m --uts --pid --fork sh enter sikka-2 run-all sikka-authorize'
like "$err" 'other users can read it' "refuses such a mode"
chmod -R g+rwX state
run 77 "a volume of which each file is opened for the group, as without OnRootMismatch" pod run-all sikka-poll
like "$err" 'chmod 600 /var/lib/sikka/sikka.db' "is refused"
run 2 "and is not ready" pod run-all sikka-status --check
done_testing
