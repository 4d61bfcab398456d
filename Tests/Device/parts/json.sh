# Reading and writing JSON with what every machine has. Sourced by run.

# $1 as a JSON text.
json_text() {
    local text=$1
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    text=${text//$'\t'/\\t}
    text=${text//$'\r'/}
    printf '"%s"' "$(tr -d '\000-\037' <<<"$text")"
}

# The first value of key $2 in file $1, as our programs print it: one key a line.
json_value() { sed -nE 's/^ *"'"$2"'" ?: "?([^"]*[^",])"?,?$/\1/p' "$1" | sed -n 1p; }

# Value $1, a number, with $2 decimals, multiplied by $3.
decimal() { awk -v value="$1" -v places="$2" -v factor="${3:-1}" 'BEGIN { printf "%.*f", places, value * factor }'; }
