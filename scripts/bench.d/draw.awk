# SPDX-License-Identifier: MIT
# draw.awk: a picture of one growth, as SVG. Lines of tabs: "title WHAT OF", then "point N SECONDS MEGABYTES". Both axes
# are logarithmic: what grows with n is a line that rises by one square for each.

function log10(x) { return log(x) / log(10) }
# The power of ten that isn't above x, or isn't below: a logarithm of 1000 may be a trace less than 3.
function floor(x, i) { x += 1e-9; i = int(x); return i > x ? i - 1 : i }
function ceiling(x) { return -floor(-x) }
function text(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); return s }
function x_of(n) { return LEFT + (log10(n) - x_low) / (x_high - x_low) * WIDTH }
function y_of(v) { return TOP + HEIGHT - (log10(v) - y_low) / (y_high - y_low) * HEIGHT }

function line(values, class, unit, i, s) {
	for (i = 1; i <= count; i++)
		s = s sprintf("%s%.1f,%.1f", i > 1 ? " " : "", x_of(n[i]), y_of(values[i]))
	printf "<polyline class=\"%s\" points=\"%s\"/>\n", class, s
	for (i = 1; i <= count; i++)
		printf "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"><title>%s: %.3g %s</title></circle>\n", class, x_of(n[i]), y_of(values[i]), n[i], values[i], unit
}

BEGIN { LEFT = 70; TOP = 40; WIDTH = 460; HEIGHT = 300; y_low = 99; y_high = -99 }
$1 == "title" { what = $2; of = $3 }
$1 == "point" {
	n[++count] = $2
	seconds[count] = $3
	megabytes[count] = $4
	for (i = 3; i <= 4; i++) {
		if (floor(log10($i)) < y_low) y_low = floor(log10($i))
		if (ceiling(log10($i)) > y_high) y_high = ceiling(log10($i))
	}
}
END {
	if (count == 0)
		exit 1
	x_low = floor(log10(n[1]))
	x_high = ceiling(log10(n[count]))
	if (x_high == x_low) x_high++
	if (y_high == y_low) y_high++
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 560 400\" font-family=\"sans-serif\" font-size=\"12\">\n"
	print "<style>polyline{fill:none;stroke-width:2}.s{stroke:#06c}.m{stroke:#c60;stroke-dasharray:6 3}circle.s{fill:#06c}circle.m{fill:#c60}.g{stroke:#ccc}</style>"
	print "<rect width=\"560\" height=\"400\" fill=\"#fff\"/>"
	printf "<text x=\"%d\" y=\"20\" font-size=\"14\">%s, by the number of %s</text>\n", LEFT, text(what), text(of)
	for (i = x_low; i <= x_high; i++) {
		printf "<line class=\"g\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", x_of(10 ^ i), TOP, x_of(10 ^ i), TOP + HEIGHT
		printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x_of(10 ^ i), TOP + HEIGHT + 18, 10 ^ i
	}
	for (i = y_low; i <= y_high; i++) {
		printf "<line class=\"g\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>", LEFT, y_of(10 ^ i), LEFT + WIDTH, y_of(10 ^ i)
		printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", LEFT - 8, y_of(10 ^ i) + 4, 10 ^ i
	}
	line(seconds, "s", "s")
	line(megabytes, "m", "MB")
	printf "<text x=\"%d\" y=\"%d\" fill=\"#06c\">seconds</text><text x=\"%d\" y=\"%d\" fill=\"#c60\">MB of memory (dashes)</text>\n", LEFT, TOP + HEIGHT + 42, LEFT + 80, TOP + HEIGHT + 42
	print "</svg>"
}
