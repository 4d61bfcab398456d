# A verification as users run it. Sourced by run.

# Tells the process $1 to end, and ends it when it has not after ten seconds.
end_worker() {
    local tries
    kill "$1"
    for tries in {1..100}; do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$1" 2>/dev/null && echo "the worker of process $1 did not end when it was told to"
    wait "$1"
}

# A worker on the CPU and one on the device verify the model in its three forms.
verify_cluster() {
    local model=$out/work/model run=$out/work/verify code=0 form worker
    [ -d "$model" ] || { status=failed note="the model was not made"; return; }
    # The socket is in it: no one else may write there, whatever the umask is.
    mkdir -m 700 "$run"
    for form in full state-dict; do
        bounded "$kit/bin/mae-coord" checkpoint convert "$model" "$run/$form.pth" --to "$form" ||
            { status=failed note="the model could not be written as $form"; return; }
    done
    # Workers go on until they are told to stop. They are started directly, so that it is they who are told.
    "$kit/bin/mae-worker" --connect "ipc://$run/socket" --name cpu --cache "$run/cache" --models "$out/work" \
        >"$out/logs/worker-cpu.log" 2>&1 &
    local workers=($!)
    "$kit/bin/mae-worker" --connect "ipc://$run/socket" --name device --cache "$run/cache" --models "$out/work" \
        --backend "$device" >"$out/logs/worker-device.log" 2>&1 &
    workers+=($!)
    result=$out/work/verify.json
    bounded "$kit/bin/mae-coord" verify --bind "ipc://$run/socket" --store "$run/store" --workers 2 --batch-size "$batch" \
        --method pretrained="$model" --method full="$run/full.pth" --method state-dict="$run/state-dict.pth" \
        --config "$model" --json "$result" --timeout $((step_end - SECONDS)) >"$run/verdict" 2>"$run/errors" || code=$?
    for worker in "${workers[@]}"; do end_worker "$worker"; done
    cat "$run/errors" "$run/verdict"
    note=$(grep -m 1 -E '^(AGREE|DISAGREE|INCOMPLETE)' "$run/verdict")
    case $code in
        0) ;;
        1) status=differs ;;
        124|137) status=late ;;
        *) status=failed note=${note:-$(tail -n 1 "$run/errors")} ;;
    esac
}
