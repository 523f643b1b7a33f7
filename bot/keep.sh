#!/bin/sh
# Runs a command and runs it again should it die. Exit code 2 is its own refusal (bad settings): that is final.
trap 'exit 0' INT TERM
while :; do
    began=$(date +%s)
    "$@" &
    wait $!
    code=$?
    [ "$code" -eq 2 ] && exit 2
    echo "$1 $2 ended with $code: it is started again" >&2
    # One that cannot even start is not tried a hundred times a second.
    [ $(($(date +%s) - began)) -ge 10 ] || sleep 1
done
