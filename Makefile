# sikka: make, make check, make asan, make install DESTDIR= PREFIX=
# SPDX-License-Identifier: MIT

COMMANDS = sikka-authorize sikka-token sikka-get sikka-book sikka-poll sikka-sweep sikka-status
OFFLINE  = sikka-status

# the library, from the bottom up (../shared design: an arrow never points down a row)
LIB_BASE   = mem error secret time json json_stream config out
LIB_ENGINE = lock stop http http_tls rate event store store_schema store_offices store_writebacks \
             store_settle store_events store_limits
LIB_VOCAB  = api api_codes api_page api_writeback rules resources
LIB_LIFE   = life
LIB_TOKEN  = practices token
LIB_DOING  = authorize get book poll settle sweep status
MODULES    = $(LIB_BASE) $(LIB_ENGINE) $(LIB_VOCAB) $(LIB_LIFE) $(LIB_TOKEN) $(LIB_DOING)
