#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The commands for domains of halvm daemon: what they print, in the columns of xl, and their statuses;
# what becomes of domains that end; and what bash completes.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/daemon_helpers.sh
. "$top/tests/commands/daemon_helpers.sh"
needs_guests
make_guest
silent 'the daemon starts' daemon

# ---- domains ----

cfg wait wait
cfg echo echo
mkdir folder
cp wait.cfg folder/
cp guest.xen folder/
silent 'create' create wait.cfg
ok 'it waits' eventually state_is wait -b----
says 'another one of its name' 1 '^halvm create: wait.cfg: there is a domain "wait" already$' create wait.cfg
(cd folder && silent 'paths are those of the client' create wait.cfg 'name="second"' vcpus=2 memory=20)
tap_count=$((tap_count + 3))
ok 'it waits' eventually state_is second -b----
well 'list' list
ok 'list: in the order of numbers' diff - <(sed 's/ [0-9.]*$//' out) <<'END'
Name                                        ID   Mem VCPUs	State	Time(s)
Domain-0                                     0     8     1     r-----      
wait                                         1    16     1     -b----      
second                                       2    20     1     -b----      
END
well 'list of some' list 2 wait
ok 'list of some: in the order asked for' diff - <(sed 's/ [0-9.]*$//' out) <<'END'
Name                                        ID   Mem VCPUs	State	Time(s)
second                                       2    20     1     -b----      
wait                                         1    16     1     -b----      
END
well 'vcpu-list' vcpu-list second
ok 'vcpu-list: as of xl' diff - <(sed 's/ [0-9]\.[0-9]  / T  /' out) <<'END'
Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)
second                               2     0    0   -b-       T  all / all
second                               2     1    -   --p       T  all / all
END
well 'uptime' uptime
ok 'uptime: as of xl' diff - <(sed 's/0:0[0-9]:[0-9][0-9]$/T/' out) <<'END'
Name                                ID Uptime
Domain-0                             0  T
wait                                 1  T
second                               2  T
END
well 'uptime -s' uptime -s second
ok 'uptime -s: as of xl' has out '^ [0-9:]{8} up  0:0[0-9], second \(2\)$'
well 'info' info
ok 'info: memory' has out '^total_memory           : [0-9]+$'
well 'info of one key' info xen_major
ok 'info of one key: its value' cmp <(echo 4) out
well 'domid' domid second
ok 'domid: a number' cmp <(echo 2) out
well 'domname' domname 2
ok 'domname: a name' cmp <(echo second) out
well 'domname 0' domname 0
ok 'domname 0: a name' cmp <(echo Domain-0) out
says 'domid of nobody' 1 "^Can't get domid of domain name 'nobody', maybe this domain does not exist.\$" domid nobody
says 'domname of nobody' 1 "^Can't get domain name of domain id '77', maybe this domain does not exist.\$" domname 77
for command in destroy pause unpause console shutdown reboot 'rename nobody other'; do
    [ "$command" != "${command% *}" ] || command+=' nobody'
    # shellcheck disable=SC2086
    says "$command" 1 '^nobody is an invalid domain identifier \(rc=-6\)$' $command
done
says 'list of nobody' 1 '^nobody is an invalid domain identifier \(rc=-6\)$' list wait nobody
says 'list of no number' 1 "^Error: Domain '77' does not exist.\$" list 77
says 'destroy of domain 0' 1 '^Domain-0 is the daemon' destroy 0
says 'shutdown of none' 1 '^You must specify -a or a domain id.$' shutdown

# ---- list -l ----

cfg all 'x y' 'maxmem = 64' 'vcpus = 2' 'uuid = "01234567-89ab-cdef-0123-456789abcdef"' \
    'on_crash = "rename-restart"' 'disk = ["/tmp/x.img,raw,xvda,w", "format=qcow2,vdev=xvdb,target=/y"]' \
    'vif = ["mac=00:16:3e:01:02:03,bridge=br0", "ip=10.0.0.2,rate=1Mb/s"]'
run halvm create -p all.cfg
ok 'create one with devices' status_is 0
well 'list -l' list -l
ok 'list -l: an array, as of xl' diff -u - <(head -4 out) <<'END'
[
    {
        "domid": 1,
        "config": {
END
if command -v jq >/dev/null; then
    ok 'list -l: all but domain 0' [ "$(jq -c '[.[].config.c_info.name]' out)" = '["wait","second","all"]' ]
    well 'list --long of one' list --long all
    ok 'list --long of one: that one' [ "$(jq length out)" = 1 ]
    id=$(halvm domid all)
    ok 'list --long: its configuration' diff -u - <(jq -S ".[] | del(.config.b_info[\"type.pv\",\"arch_arm\",\"arch_x86\",\"sched_params\"])" out) <<END
{
  "config": {
    "b_info": {
      "avail_vcpus": [
        0,
        1
      ],
      "cmdline": "x y",
      "kernel": "$(realpath guest.xen)",
      "max_memkb": 65536,
      "max_vcpus": 2,
      "target_memkb": 16384
    },
    "c_info": {
      "name": "all",
      "type": "pv",
      "uuid": "01234567-89ab-cdef-0123-456789abcdef"
    },
    "disks": [
      {
        "format": "raw",
        "pdev_path": "/tmp/x.img",
        "readwrite": 1,
        "vdev": "xvda"
      },
      {
        "format": "qcow2",
        "pdev_path": "/y",
        "readwrite": 1,
        "vdev": "xvdb"
      }
    ],
    "nics": [
      {
        "bridge": "br0",
        "devid": 0,
        "mac": "00:16:3e:01:02:03"
      },
      {
        "devid": 1,
        "ip": "10.0.0.2",
        "rate_bytes_per_interval": 6250,
        "rate_interval_usecs": 50000
      }
    ],
    "on_crash": "restart_rename",
    "on_reboot": "restart"
  },
  "domid": $id
}
END
    silent 'mem-set' mem-set all 40
    silent 'rename' rename all other-all
    well 'list -l' list -l other-all
    ok 'list -l: as it is now' [ "$(jq -c '.[0].config | [.c_info.name, .b_info.target_memkb]' out)" = '["other-all",40960]' ]
    silent 'rename' rename other-all all
else
    skip 'list -l' 'no jq to read it'
fi
well 'list -l of domain 0' list -l 0
ok 'list -l of domain 0: nothing' cmp <(printf '[\n\n]\n') out
says 'list -l of nobody' 1 '^nobody is an invalid domain identifier \(rc=-6\)$' list -l nobody
silent 'destroy' destroy all
{ sed 's/all/many/; /^disk/d; /^vif/d' all.cfg; printf 'disk = ['; printf '"/x,raw,xvda%d,w",' {1..41}; echo ']'; } >many.cfg
says 'more devices than there can be' 1 '^halvm create: many.cfg:[0-9]+: disk: more than 40 devices$' create many.cfg

silent 'pause' pause wait
ok 'it is paused' state_is wait -bp---
silent 'unpause' unpause 1
ok 'it is not' state_is wait -b----
says 'unpause once more' 1 '^halvm unpause: wait is not paused$' unpause wait
silent 'rename' rename second other
well 'its number' domid other
ok 'its number: the same' cmp <(echo 2) out
says 'its old name' 1 'Can.t get domid' domid second
well 'XenStore knows' xenstore-read /local/domain/2/name
ok 'XenStore knows: the new name' cmp <(echo other) out
says 'a name that is taken' 1 "^Can't rename domain 'other': \"wait\": there is a domain of that name" rename other wait
says 'a name that is too long' 1 'from 1 to 63 characters' rename other "$(printf '%064d' 0)"
says 'no name' 1 'from 1 to 63 characters' rename other ''
silent 'destroy' destroy other
ok 'it is gone' is_gone other

# ---- what becomes of them ----

cfg kept 'exit 3' 'on_poweroff = "preserve"'
silent 'create' create kept.cfg
ok 'a program that ends with a status has been powered off' eventually state_is kept ---s--
ok 'which the log tells' has run/halvm/log '^halvm daemon: kept: ended with status 3$'
silent 'it is destroyed' destroy kept
for reason in '0 ---s--' '1 ---sr-' '3 ---sc-' '4 ---sw-'; do
    cfg kept "shutdown ${reason% *}" 'on_poweroff = "preserve"' 'on_reboot = "preserve"' \
        'on_crash = "preserve"' 'on_watchdog = "preserve"'
    silent 'create' create kept.cfg
    echo | halvm console kept >out 2>err
    ok "ended for reason ${reason% *}: list says so" eventually state_is kept "${reason#* }"
    silent 'it is destroyed' destroy kept
done
cfg again 'shutdown 1'
silent 'create one that reboots' create again.cfg
id=$(halvm domid again)
terminal '<guest shutdown 1' $'>\n' '<guest shutdown 1' $'>\035' -- "$bin/halvm" console again
ok 'its console goes on with its successor' status_is 0
well 'which has another number' domid again
ok 'which has another number: indeed' not [ "$(cat out)" = "$id" ]
# xl's pause before the next one: it is not there, and its name is not free.
cfg loop 'shutdown 3' 'on_crash="restart"'
silent 'create one that crashes' create loop.cfg
terminal '<guest shutdown 3' $'>\n\035' -- "$bin/halvm" console loop
ok 'it crashes' eventually is_gone loop
says 'its name is taken' 1 '^halvm create: loop.cfg: there is a domain "loop" already$' create loop.cfg
says 'for others too' 1 "^Can't rename domain 'wait': \"loop\": there is a domain of that name" rename wait loop
says 'the daemon does not end' 1 '^halvm daemon --stop: .* other domains run: end them' daemon --stop
terminal '<guest shutdown 3' $'>\035' -- "$bin/halvm" console loop
ok 'its console is there' status_is 0
silent 'destroy' destroy loop
says 'it is not there, and does not come' 1 '^loop is an invalid domain identifier' console loop
cp guest.xen guest2.xen
silent 'destroy' destroy again
cfg again 'shutdown 1' 'kernel = "guest2.xen"'
silent 'create one that reboots' create again.cfg
echo damaged >guest2.xen
echo | halvm console again >out 2>err
ok 'one whose image has gone meanwhile is not made anew' eventually is_gone again
ok 'which the log tells' has run/halvm/log 'guest2.xen: not an ELF file'

# shellcheck disable=SC2317
is_asked() { [ "$(halvm xenstore-read "/local/domain/$1/control/shutdown")" = "$2" ]; }
# What is paused cannot answer yet.
silent 'create' create -p echo.cfg
id=$(halvm domid echo)
halvm shutdown -w echo >out2 2>err2 &
waiting=$!
ok 'shutdown: the domain is asked' eventually is_asked "$id" poweroff
silent 'it goes on' unpause echo
status=0
wait $waiting || status=$?
ok 'shutdown -w: status 0 when it has ended' status_is 0
ok 'shutdown -w: and says so, as xl does' diff -u - err2 <<END
Shutting down domain $id
Waiting for 1 domains
Domain $id has been destroyed
END
ok 'it is gone' is_gone echo
silent 'create' create echo.cfg 'on_reboot="preserve"'
id=$(halvm domid echo)
run halvm reboot -w echo
ok 'reboot -w: status 0' status_is 0
ok 'reboot -w: and says so, as xl does' diff -u - err <<END
Rebooting domain $id
Waiting for 1 domains
Domain $id has been shut down, reason code 1
END
ok 'it is kept' state_is echo ---sr-
run halvm shutdown -w echo
ok 'shutdown -w of one that has ended: status 0' status_is 0
silent 'destroy' destroy echo
silent 'create' create echo.cfg
# One that does not answer: it has nothing of a runtime's in its way of waiting.
run halvm shutdown -a
ok 'shutdown -a: status 0' status_is 0
ok 'shutdown -a: all' [ "$(grep -c '^Shutting down domain' err)" = 2 ]
ok 'shutdown -a: who answers is gone' eventually is_gone echo
ok 'shutdown -a: who does not is not' state_is wait -b----

# ---- what bash completes ----

# shellcheck source=tools/completions/halvm
. "$top/tools/completions/halvm"
# completes WORD... : EXPECTED, one a line, on standard input; the last word is to be completed
# shellcheck disable=SC2317
completes() {
    COMP_WORDS=("$bin/halvm" "$@")
    COMP_CWORD=$#
    _halvm
    diff -u - <(printf '%s\n' ${COMPREPLY[0]+"${COMPREPLY[@]}"})
}
ok 'commands' completes xenstore-r <<<$'xenstore-read\nxenstore-rm'
ok 'options' completes shutdown --wa <<<--wait
ok 'files' completes create ec <<<echo.cfg
ok 'folders' completes create fol <<<folder
ok 'files in folders' completes run folder/g <<<folder/guest.xen
silent 'a domain with a space' create -p wait.cfg 'name="a long name"'
ok 'domains' completes console '' <<<$'wait\na long name'
ok 'those that begin so' completes destroy 'a lo' <<<'a long name'
ok 'a new name is nobody'"'"'s' completes rename wait '' <<<''
silent 'destroy' destroy 'a long name'
COMP_WORDS=(halvm '')
COMP_CWORD=1
_halvm
# shellcheck disable=SC2317
is_command() { halvm "$1" --help 2>&1 | grep -qiE 'usage|^halvm [0-9]'; }
for command in "${COMPREPLY[@]}"; do
    ok "there is a command $command" is_command "$command"
done
# The same ones are in the help: at the beginning of a line, "a, b, c" or "x-{a,b}".
help=$("$bin/halvm" help | sed -n 's/^  \([a-z].*\)$/\1/p' | sed 's/  .*//; s/ *[A-Z].*//; s/, / /g' | tr '\n' ' ')
ok 'they are those that are in the help' diff <(eval "echo $help" | tr ' ' '\n' | sort) \
    <(printf '%s\n' "${COMPREPLY[@]}" | sort)
ok 'values of options' completes trace --kind xen <<<xenstore
ok 'which can be anything' completes run --seed '' <<<''

done_testing
