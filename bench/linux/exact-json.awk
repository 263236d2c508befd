# SPDX-License-Identifier: GPL-2.0-only
#
# exact-json.awk - the figures of one variant as members of a JSON object

$2 == "least" {
	order[++n] = $3
	text[$3] = sprintf("\"instructions\": %d, \"rounds\": %d, \"hits\": %d", $4, $5, $6)
}

$2 == "calls" {
	calls[$3] = calls[$3] (calls[$3] ? ", " : "") sprintf("\"%s\": %d", $4, $5)
}

END {
	for (i = 1; i <= n; i++) {
		operation = order[i]
		printf "%s\"%s\": {%s", (i > 1 ? ", " : ""), operation, text[operation]
		if (operation in calls)
			printf ", \"calls\": {%s}", calls[operation]
		printf "}"
	}
}
