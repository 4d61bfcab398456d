# How fast the device is. Sourced by run.

# Rates of the products, next to that of multiply-adds in registers.
measure_products() {
    measured "$out/work/products.json" "$kit/bin/mae-bench" device --backend "$device" --preset "$preset" \
        --batch-size "$batch" --repeat "$repeat" --limit 0.5 --json || return
    note="tile $(json_value "$result" tile); $(awk -F '" ?: ' '
        function number(text) { sub(/,$/, "", text); return text + 0 }
        /"peak_fma_gflops"/ { if (number($2) > peak) peak = number($2) }
        /"share_of_peak"/ { share = number($2); if (least == "" || share < least) least = share; if (share > most) most = share }
        END { printf "fma %.0f GFLOP/s, products %.1f to %.1f %% of it", peak, 100 * least, 100 * most }' "$result")"
    {
        printf '\n| product, batch %s | GFLOP/s | fma GFLOP/s | share |\n|---|---|---|---|\n' "$batch"
        awk -F '" ?: ' '
            { value = $2; sub(/,$/, "", value); gsub(/"/, "", value) }
            /"gflops"/ { rate = value } /"peak_fma_gflops"/ { peak = value } /"product"/ { name = value }
            /"share_of_peak"/ { printf "| %s | %.1f | %.1f | %.1f %% |\n", name, rate, peak, 100 * value }' "$result"
    } >>"$out/work/tables.md"
}

# Whole passes over $1 images, without a mask.
measure_passes() {
    measured "$out/work/passes-$1.json" "$kit/bin/mae-bench" model --backend "$device" --preset "$preset" \
        --batch-size "$1" --mask-ratio 0 --repeat "$repeat" --json || return
    note=$(awk -F '" ?: ' '
        { value = $2; sub(/,$/, "", value) }
        /"(encoder|full)_seconds"/ { part = $1 } /"median"/ { median[part] = value }
        /"encoder_gflops"/ { rate = value } /"encoder_share_of_peak"/ { share = value }
        END {
            for (part in median) if (part ~ /encoder/) encoder = median[part]; else full = median[part]
            printf "encoder %.2f ms, with decoder %.2f ms, %.0f GFLOP/s, %.1f %% of the rate of fma", 1e3 * encoder,
                1e3 * full, rate, 100 * share
        }' "$result")
}

# PyTorch on the same device, taking turns with ours.
compare_pytorch() {
    local code=0 errors=$out/work/errors
    command -v "$python" >/dev/null || { status=skipped note="there is no $python"; return; }
    result=$out/work/pytorch.json
    bounded "$python" "$here/pytorch.py" --bench "$kit/bin/mae-bench" --backend "$device" --preset "$preset" \
        --batches "$batches" --turns "$repeat" --json "$result" --markdown "$out/work/pytorch.md" 2>"$errors" || code=$?
    cat "$errors"
    [ ! -s "$out/work/pytorch.md" ] || cat "$out/work/pytorch.md" >>"$out/work/tables.md"
    case $code in
        0) note='see the table' ;;
        69) status=skipped note=$(tail -n 1 "$errors") ;;
        *) judge "$code" "$(cat "$errors")"
           # Another program's failure says nothing about bits.
           [ "$status" != differs ] || status=failed ;;
    esac
}

# The same passes again and again, with the known answers asked in between.
repeat_passes() {
    local most=$((step_end - SECONDS - 20))
    [ "$most" -gt 0 ] || most=1
    measured "$out/work/soak.json" "$kit/bin/mae-bench" soak --backend "$device" --preset "$preset" --batch-size "$batch" \
        --seconds $((seconds < most ? seconds : most)) --json || return
    note="$(json_value "$result" passes) passes of batch $batch with the same bits in $(decimal "$(
        json_value "$result" seconds)" 0) s, known answers asked $(json_value "$result" answers_asked) times"
}
