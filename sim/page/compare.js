/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws two runs beside one another, with Chart.js. */
(function () {
    "use strict";

    const pair = JSON.parse(document.getElementById("pair").textContent);
    const { compare, names, runs } = pair;
    const { add, axis, byId, byteAxis, bytes, colour, inUnit, line } = page;
    const { most, percent, plain, round, row, time } = page;
    const ends = runs.map(function (run) {
        return run.metrics.second.length ? run.metrics.second.at(-1) : 0;
    });
    const measures = compare.measures.filter(function (one) {
        return one.kind === undefined;
    });

    function figure(measure, value) {
        if (value === null || value === undefined) return "–";
        return measure.unit === "share"
            ? percent(value)
            : inUnit(measure.unit, value);
    }

    function label(i) {
        return names[i] + (runs[i].summary.live ? " (live)" : "");
    }

    function writeHead() {
        const first = runs[0].summary;
        byId("name").textContent = first.scenario;
        byId("verdict").textContent = compare.agree
            ? "they agree"
            : "they differ";
        byId("verdict").classList.add(compare.agree ? "good" : "bad");
        document.title = first.scenario + ", two runs";
        byId("facts").textContent = runs
            .map(function (run, i) {
                const facts = [
                    label(i),
                    plain(run.summary.nodes) + " nodes",
                    "seed " + run.summary.seed,
                    "sotto-sim " + run.summary.version,
                ];
                const how = run.summary.crypto || "real";
                if (how !== "real") facts.push("crypto " + how);
                if (run.summary.partial) facts.push("interrupted");
                return facts.join(", ");
            })
            .join(" · ");
    }

    function writeTiles() {
        const count = function (word) {
            return measures.filter(function (one) {
                return one.change === word;
            }).length;
        };
        [
            [plain(count("worse")), "measures got worse"],
            [plain(count("better")), "got better"],
            [plain(count("same")), "are the same"],
        ].forEach(function (told) {
            const tile = add(byId("tiles"), "div", undefined, "tile");
            add(tile, "b", told[0]);
            add(tile, "span", told[1], "soft");
        });
    }

    /* With its interval, where it has one. */
    function withInterval(measure, value, i) {
        const interval = runs[i].intervals[measure.name];
        if (!interval) return figure(measure, value);
        return (
            figure(measure, value) +
            " (" +
            figure(measure, interval[0]) +
            " to " +
            figure(measure, interval[1]) +
            ")"
        );
    }
    function areApart(name) {
        const [one, other] = runs.map(function (run) {
            return run.intervals[name];
        });
        const below = function (a, b) {
            return a[1] !== null && b[0] !== null && a[1] < b[0];
        };
        return !!one && (below(one, other) || below(other, one));
    }
    function difference(one) {
        if (one.difference_percent === null) return "–";
        const sign = one.difference_percent > 0 ? "+" : "";
        return sign + round(one.difference_percent) + " %";
    }
    function writeMeasures() {
        const table = byId("measures");
        row(table, "th", ["measure", label(0), label(1), "difference", "", ""]);
        measures.forEach(function (one) {
            const change = one.change === "none" ? "" : one.change;
            const apart = areApart(one.name) ? ", apart" : "";
            const judged =
                one.ok === null ? "" : one.ok ? "ok" : "DIFFERS";
            const cells = row(table, "td", [
                one.name,
                withInterval(one, one.first, 0),
                withInterval(one, one.second, 1),
                difference(one),
                change + apart,
                judged,
            ]);
            if (change === "worse") cells[4].className = "bad";
            if (change === "better") cells[4].className = "good";
            if (one.ok !== null) cells[5].className = one.ok ? "good" : "bad";
        });
    }
    function writeKinds() {
        const table = byId("kinds");
        row(table, "th", ["frames or bytes", label(0), label(1), "difference"]);
        const ofKinds = compare.measures.filter(function (one) {
            return one.kind !== undefined;
        });
        ofKinds.forEach(function (one) {
            row(table, "td", [
                one.name,
                figure(one, one.first),
                figure(one, one.second),
                difference(one),
            ]);
        });
    }

    /* Charts. */

    function changesChart() {
        const drawn = measures.filter(function (one) {
            return one.change !== "none" && one.difference_percent !== null;
        });
        const hues = { worse: "--bad", better: "--good", same: "--idle" };
        const x = axis("difference, of the first, in percent");
        x.ticks.maxTicksLimit = 7;
        return {
            type: "bar",
            data: {
                labels: drawn.map(function (one) {
                    return one.name;
                }),
                datasets: [
                    {
                        label: "difference",
                        data: drawn.map(function (one) {
                            return one.difference_percent;
                        }),
                        backgroundColor: drawn.map(function (one) {
                            return colour(hues[one.change]);
                        }),
                    },
                ],
            },
            options: {
                indexAxis: "y",
                scales: {
                    x: x,
                    y: {
                        ticks: { color: colour("--ink"), autoSkip: false },
                        grid: { display: false },
                    },
                },
            },
        };
    }

    function latencyChart() {
        const lines = runs.map(function (run, i) {
            const made = line(
                label(i),
                run.latencies.points.map(function (point) {
                    return {
                        x: Math.max(point[0], 1),
                        y: point[1] / run.latencies.letters,
                    };
                }),
                i
            );
            made.stepped = "before";
            return made;
        });
        const x = axis("after the letter was written");
        x.type = "logarithmic";
        x.ticks.autoSkip = false;
        x.ticks.callback = function (value) {
            const power = Math.log10(value);
            return Math.abs(power - Math.round(power)) < 1e-9
                ? time(value)
                : "";
        };
        const y = axis("share of all letters", percent);
        y.min = 0;
        y.max = 1;
        return {
            type: "line",
            data: { datasets: lines },
            options: { scales: { x: x, y: y } },
        };
    }

    function overTime(value, title, format) {
        const lines = runs.map(function (run, i) {
            return line(
                label(i),
                run.metrics.second.map(function (second, at) {
                    return { x: second, y: value(run.metrics, at) };
                }),
                i
            );
        });
        const x = axis("time in s");
        x.type = "linear";
        x.max = Math.max(...ends);
        const y =
            format === bytes
                ? byteAxis(title, most(lines))
                : axis(title, format);
        y.beginAtZero = true;
        return {
            type: "line",
            data: { datasets: lines },
            options: { scales: { x: x, y: y } },
        };
    }
    function deliveredChart() {
        return overTime(
            function (metrics, at) {
                return metrics.letters_shown[at];
            },
            "letters shown",
            plain
        );
    }
    function redundancyChart() {
        return overTime(
            function (metrics, at) {
                const fresh = metrics.payloads_new[at];
                return fresh ? metrics.payloads_arrived[at] / fresh - 1 : null;
            },
            "redundancy, so far",
            plain
        );
    }
    function shelfChart() {
        return overTime(
            function (metrics, at) {
                return metrics.stored_bytes[at];
            },
            "bytes on all shelves",
            bytes
        );
    }
    function sentChart() {
        return overTime(
            function (metrics, at) {
                return metrics.sent_bytes[at];
            },
            "bytes sent, so far",
            bytes
        );
    }

    const drawings = [
        [changesChart, "Differences", "From the first run to the second, of what is better when there is less of it, or more."],
        [latencyChart, "Latency", "How many letters had come so long after they were written."],
        [deliveredChart, "Delivered", "Letters shown to whom they were for."],
        [redundancyChart, "Redundancy", "Envelopes that came to a relay, over those that were new to it, minus one."],
        [sentChart, "Traffic", "Sent by all nodes together, from the beginning."],
        [shelfChart, "Shelf", "Sealed envelopes that relays keep for all."],
    ];

    writeHead();
    writeTiles();
    writeMeasures();
    writeKinds();
    page.keepDrawn(
        drawings,
        page.makeCards(byId("cards"), drawings),
        function () {}
    );
})();
