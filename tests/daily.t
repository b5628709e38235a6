#!/bin/sh
# SPDX-License-Identifier: MIT
# daily.t: a daily limit, or a proxy's 404, says nothing about an office or a request
. "$(dirname "$0")/lib.sh"

start_sim --delay 0:0
authorize
sim_fault 'POST /request_key=429-daily'
lists=$(sim_count 'GET /authorized_practices')
run 75 "a renewal at a daily limit: try again later" sikka-token -O D36225 refresh --all
is "$(sql "SELECT status FROM pms_integrations WHERE office_id = 'D36225'")" active "the office isn't blamed"
is "$(sim_count 'GET /authorized_practices')" "$lists" "nor is the list of practices asked"
sim_clear_faults
sim_fault 'POST /request_key=status:200:API2012'
before=$(sim_count 'POST /request_key')
run 75 "the same, whatever the status" sikka-token -O D36225 refresh --all
is "$(sim_count 'POST /request_key')" $((before + 1)) "asked for once"
sim_clear_faults
run 0 "the next day it is renewed" sikka-token -O D36225 refresh --all

# After a withdrawal two looks that find the request gone free its key. A proxy's 404 doesn't count as a look.
sim_post 'office?office_id=D36225&spu=offline'
booking | sikka-book >out
run 0 "withdrawn" sikka-sweep --withdraw 1
sim_fault 'GET /writeback_status=status:404'
later 3600
sikka-poll >out 2>err
later 3600
sikka-poll >out 2>err
is "$(row 1 "looks || ' ' || holds_key")" "0 1" "a 404 without a code counts for nothing"
sim_clear_faults
later 3600
run 0 "a look" sikka-poll
later 3600
run 0 "and another" sikka-poll
is "$(row 1 "looks || ' ' || holds_key")" "2 0" "the server's own word frees the key"
done_testing
