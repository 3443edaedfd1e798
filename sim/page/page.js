/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws a run with Chart.js. */
(function () {
    "use strict";

    const run = JSON.parse(document.getElementById("run").textContent);
    const summary = run.summary;
    const metrics = run.metrics;
    const end = metrics.second.length ? metrics.second.at(-1) : 0;
    const { add, axis, byId, byteAxis, bytes, colour, figure, line } = page;
    const { cryptoFact, most, percent, plain, round, row, time } = page;

    function writeHead() {
        const good = summary.verdict === "passed";
        byId("name").textContent = summary.scenario;
        byId("verdict").textContent = summary.verdict;
        byId("verdict").classList.add(good ? "good" : "bad");
        document.title = summary.scenario + ": " + summary.verdict;
        const seconds = summary.live
            ? summary.real_seconds
            : summary.virtual_seconds;
        const facts = [
            plain(summary.nodes) + " nodes",
            plain(summary.links) + " planned links",
            "seed " + summary.seed,
            time(seconds * 1000) + (summary.live ? " of real time" : ""),
            "sotto-sim " + summary.version,
        ];
        const how = cryptoFact(summary.crypto);
        if (how) facts.unshift(how);
        if (summary.partial) facts.unshift("interrupted: the results so far");
        if (summary.live) facts.push("real nodes, " + summary.live.links);
        if (summary.trace_hash) facts.push("trace " + summary.trace_hash);
        byId("facts").textContent = facts.join(" · ");
    }

    /* Groups and files, where there are any. */
    function moreTiles() {
        const { groups, files } = summary;
        const tiles = [];
        if (groups) {
            tiles.push([percent(groups.delivered), "copies in groups shown"]);
            tiles.push([time(groups.latency_ms.p99), "99 in 100 of them after"]);
        }
        if (files) {
            tiles.push([percent(files.delivered), "files came out whole"]);
            tiles.push([time(files.latency_ms.last), "the last of them after"]);
        }
        return tiles;
    }

    function writeTiles() {
        const latency = summary.latency_ms;
        [
            [percent(summary.delivered), "letters delivered"],
            [time(latency.p50), "half had come after"],
            [time(latency.p99), "99 in 100 after"],
            [time(latency.last), "the last after"],
            [round(summary.redundancy), "redundancy"],
            [bytes(summary.node_bytes), "sent by a node"],
            [bytes(summary.shelf.peak_bytes), "on the fullest shelf"],
        ].concat(moreTiles()).forEach(function (pair) {
            const tile = add(byId("tiles"), "div", undefined, "tile");
            add(tile, "b", pair[0]);
            add(tile, "span", pair[1], "soft");
        });
    }

    function judge(table, what, got, held) {
        const word = held === null ? "skipped" : held ? "held" : "FAILED";
        const cells = row(table, "td", [what, got, word]);
        if (held !== null) cells[2].className = held ? "good" : "bad";
    }
    function writeExpected() {
        const table = byId("expected");
        row(table, "th", ["expectation", "was", ""]);
        summary.expectations.forEach(function (one) {
            const sign = one.is === "at-least" ? " ≥ " : " ≤ ";
            judge(
                table,
                one.metric + sign + figure(one.metric, one.wanted),
                one.held === null ? "not seen" : figure(one.metric, one.got),
                one.held
            );
        });
        judge(
            table,
            "invariants, " + plain(summary.checks) + " checks",
            plain(summary.violations) + " violations",
            summary.violations === 0
        );
        if (summary.same_trace_twice !== undefined)
            judge(table, "twice the same trace", "", summary.same_trace_twice);
        const first = summary.first_violation;
        if (first)
            add(
                byId("expected").parentNode,
                "p",
                "First violation: " + JSON.stringify(first),
                "bad"
            );
    }

    function writePublished() {
        const table = byId("published");
        const list = summary.published || [];
        byId("others").hidden = list.length === 0;
        row(table, "th", ["metric", "here", "reported", "by"]);
        list.forEach(function (one) {
            const here = figure(one.metric, one.here);
            row(table, "td", [one.metric, here, one.reported, one.by]);
        });
    }

    function writeMarks() {
        const table = byId("marks");
        summary.adversaries.forEach(function (one) {
            const from =
                one.from_s > 0 ? "from " + time(one.from_s * 1000) : "always";
            row(table, "td", [one.role, plain(one.nodes) + " nodes", from]);
        });
        summary.faults.forEach(function (one) {
            const from = time(one.from_s * 1000);
            const until =
                one.until_s === undefined
                    ? "from " + from
                    : from + " to " + time(one.until_s * 1000);
            row(table, "td", [one.what, percent(one.share), until]);
        });
        if (!table.firstChild)
            add(table.parentNode, "p", "Nothing: no adversary, no fault.");
    }

    /* Charts. */

    /* Faults, and the beginning of attacks, behind the curves over time: each a
     * name, from when, until when.  What begins together has one mark. */
    function struck() {
        const marks = [];
        summary.faults.forEach(function (one) {
            if (one.from_s > 0 || one.until_s !== undefined)
                marks.push([one.what, one.from_s, one.until_s]);
        });
        summary.adversaries.forEach(function (one) {
            const same = marks.find(function (mark) {
                return mark[2] === undefined && mark[1] === one.from_s;
            });
            if (same) same[0] += ", " + one.role;
            else if (one.from_s > 0)
                marks.push([one.role, one.from_s, undefined]);
        });
        return marks
            .filter(function (mark) {
                return mark[1] <= end;
            })
            .sort(function (a, b) {
                return a[1] - b[1];
            });
    }
    function markName(chart, name, from, level) {
        const context = chart.ctx;
        const width = context.measureText(name).width;
        context.fillStyle = colour("--soft");
        context.fillText(
            name,
            Math.min(from + 4, chart.chartArea.right - width),
            chart.chartArea.top + 3 + 14 * (level % 5)
        );
    }
    const bands = {
        id: "bands",
        beforeDatasetsDraw: function (chart) {
            const area = chart.chartArea;
            const context = chart.ctx;
            const named = [];
            context.save();
            context.font = "12px system-ui, sans-serif";
            context.textBaseline = "top";
            chart.options.plugins.bands.marks.forEach(function (mark) {
                const place = function (second) {
                    return chart.scales.x.getPixelForValue(
                        Math.min(second, end) / unit().seconds
                    );
                };
                const from = place(mark[1]);
                const wide =
                    mark[2] === undefined ? 0 : place(mark[2]) - from;
                context.fillStyle = colour("--band");
                context.fillRect(
                    from,
                    area.top,
                    Math.max(wide, 2),
                    area.bottom - area.top
                );
                /* Many splits need no name each. */
                if (named.includes(mark[0])) return;
                markName(chart, mark[0], from, named.length);
                named.push(mark[0]);
            });
            context.restore();
        },
    };

    /* Seconds, minutes or hours, by the run's length. */
    function unit() {
        if (end < 600) return { seconds: 1, name: "s" };
        if (end < 36000) return { seconds: 60, name: "min" };
        return { seconds: 3600, name: "h" };
    }

    function points(column) {
        return metrics.second.map(function (second, i) {
            const value =
                typeof column === "function" ? column(i) : metrics[column][i];
            return { x: second / unit().seconds, y: value };
        });
    }

    function overTime(lines, title, format) {
        const y =
            format === bytes ? byteAxis(title, most(lines)) : axis(title, format);
        y.beginAtZero = true;
        const x = axis("time in " + unit().name);
        x.type = "linear";
        x.max = end / unit().seconds;
        x.ticks.includeBounds = false;
        x.ticks.autoSkip = false;
        x.ticks.maxTicksLimit = 9;
        return {
            type: "line",
            data: { datasets: lines },
            plugins: [bands],
            options: {
                scales: { x: x, y: y },
                plugins: { bands: { marks: struck() } },
            },
        };
    }

    /* A time axis that is finer where it is earlier, with few names on it. */
    function timeAxis(from, until) {
        const x = axis("after the letter was written");
        const named = until / from < 20 ? [1, 2, 5] : [1];
        x.type = "logarithmic";
        x.ticks.autoSkip = false;
        x.ticks.callback = function (value) {
            const first = value / Math.pow(10, Math.floor(Math.log10(value)));
            return named.includes(Math.round(first * 1000) / 1000)
                ? time(value)
                : "";
        };
        return x;
    }
    function latencyCurve(latencies, label, hue) {
        const curve = latencies.points.map(function (point) {
            return {
                x: Math.max(point[0], 1),
                y: point[1] / latencies.letters,
            };
        });
        if (curve.length) curve.unshift({ x: curve[0].x, y: 0 });
        const made = line(label, curve, hue);
        made.stepped = "before";
        return made;
    }
    function latencyChart() {
        const curves = [latencyCurve(run.latencies, "letters delivered", 0)];
        if (summary.groups)
            curves.push(
                latencyCurve(run.group_latencies, "copies in groups shown", 1)
            );
        if (summary.files)
            curves.push(
                latencyCurve(run.file_latencies, "files that came whole", 2)
            );
        const drawn = curves.flatMap(function (curve) {
            return curve.data.map(function (point) {
                return point.x;
            });
        });
        const x = timeAxis(
            drawn.length ? Math.min(...drawn) : 1,
            drawn.length ? Math.max(...drawn) : 1
        );
        const y = axis("share of all that were written", percent);
        y.min = 0;
        y.max = 1;
        return {
            type: "line",
            data: { datasets: curves },
            options: { scales: { x: x, y: y } },
        };
    }
    function deliveredChart() {
        return overTime(
            [
                line("delivered", points("letters_shown"), 0),
                line("written", points("letters_sent"), 1),
            ],
            "letters",
            plain
        );
    }
    function redundancyChart() {
        return overTime(
            [
                line(
                    "copies beyond the first, so far",
                    points(function (i) {
                        const fresh = metrics.payloads_new[i];
                        return fresh
                            ? metrics.payloads_arrived[i] / fresh - 1
                            : null;
                    }),
                    0
                ),
            ],
            "redundancy",
            plain
        );
    }
    function shelfChart() {
        return overTime(
            [line("on all shelves", points("stored_bytes"), 0)],
            "bytes",
            bytes
        );
    }
    function nodesChart() {
        return overTime(
            [
                line("nodes up", points("nodes_up"), 0),
                line(
                    "links",
                    points(function (i) {
                        return metrics.link_ends[i] / 2;
                    }),
                    1
                ),
            ],
            "count",
            plain
        );
    }
    function rate(column) {
        return points(function (i) {
            if (i === 0) return null;
            const passed = metrics.second[i] - metrics.second[i - 1];
            const sent = metrics[column][i] - metrics[column][i - 1];
            return passed > 0 ? sent / passed : null;
        });
    }
    function trafficChart() {
        return overTime(
            [
                line("all frames", rate("sent_bytes"), 0),
                line("without an envelope", rate("control_bytes"), 1),
            ],
            "bytes a second",
            bytes
        );
    }
    function kindsChart() {
        const kinds = Object.entries(summary.kinds).sort(function (a, b) {
            return b[1].bytes - a[1].bytes;
        });
        const x = byteAxis("bytes sent", kinds.length ? kinds[0][1].bytes : 1);
        const y = axis("", undefined);
        y.title.display = false;
        y.ticks.autoSkip = false;
        delete y.ticks.callback;
        return {
            type: "bar",
            data: {
                labels: kinds.map(function (kind) {
                    return kind[0];
                }),
                datasets: [
                    {
                        label: "bytes",
                        data: kinds.map(function (kind) {
                            return kind[1].bytes;
                        }),
                        backgroundColor: colour("--one"),
                    },
                ],
            },
            options: {
                indexAxis: "y",
                scales: { x: x, y: y },
                plugins: {
                    tooltip: {
                        callbacks: {
                            label: function (item) {
                                const kind = kinds[item.dataIndex][1];
                                return (
                                    bytes(kind.bytes) +
                                    " in " +
                                    plain(kind.frames) +
                                    " frames"
                                );
                            },
                        },
                    },
                },
            },
        };
    }

    const drawings = [
        [latencyChart, "Latency", "How many had come so long after they were written. What never came keeps the curve below 100 %."],
        [deliveredChart, "Delivered", "Letters written, and shown to whom they were for."],
        [redundancyChart, "Redundancy", "Envelopes that came to a relay, over those that were new to it, minus one."],
        [
            kindsChart,
            "Bytes by kind of frame",
            "Sent by all nodes together.",
            Object.keys(summary.kinds).length,
        ],
        [trafficChart, "Traffic", "All nodes together; between samples."],
        [shelfChart, "Shelf", "Sealed envelopes that relays keep for all."],
        [nodesChart, "Nodes and links", "Up at that moment."],
    ];

    /* The mesh, and the letter that spreads in it. */

    const map = summary.picture ? makeMap(run, colour) : null;

    /* Most of a spread is over early: the slider has more room there. */
    function moment() {
        return map.last * Math.pow(byId("when").value / 1000, 3);
    }
    function drawMap() {
        const canvas = byId("map");
        const box = canvas.getBoundingClientRect();
        const dense = window.devicePixelRatio || 1;
        const context = canvas.getContext("2d");
        canvas.width = Math.max(1, Math.round(box.width * dense));
        canvas.height = Math.max(1, Math.round(box.height * dense));
        context.setTransform(dense, 0, 0, dense, 0, 0);
        map.draw(context, box.width, box.height, moment());
        byId("then").textContent =
            time(moment()) +
            " after it was written: " +
            plain(map.reached(moment())) +
            " of " +
            plain(run.spread.ms.length) +
            " nodes have it";
    }
    function play() {
        const slider = byId("when");
        const from = slider.value < 1000 ? Number(slider.value) : 0;
        const began = performance.now();
        byId("play").disabled = true;
        function step(now) {
            slider.value = Math.min(1000, from + Math.max(0, now - began) / 6);
            drawMap();
            if (slider.value < 1000) requestAnimationFrame(step);
            else byId("play").disabled = false;
        }
        requestAnimationFrame(step);
    }
    function showMap() {
        const hasAdversaries = summary.adversaries.length > 0;
        byId("spread").hidden = false;
        byId("letter").textContent =
            "Letter " +
            summary.picture.letter +
            ", in the mesh as it was when it was written. In the middle, with " +
            "a ring, the node of the writer; with a green one that of " +
            "the reader, and the way on which it came. Farther out is more links " +
            "from the writer; who is on no way from there is outermost. " +
            "Blue lines: who brought it first" +
            (hasAdversaries ? "; squares: adversaries." : ".");
        byId("when").addEventListener("input", drawMap);
        byId("play").addEventListener("click", play);
        new ResizeObserver(drawMap).observe(byId("map").parentNode);
        canvases.push(byId("map"));
    }
    function coverageChart() {
        const all = run.spread.ms.length;
        const times = run.spread.ms
            .filter(function (ms) {
                return ms !== null;
            })
            .sort(function (a, b) {
                return a - b;
            });
        const curve = times
            .map(function (ms, i) {
                return { x: ms, y: (i + 1) / all };
            })
            .filter(function (point) {
                return point.x >= 1;
            });
        const x = timeAxis(curve.length ? curve[0].x : 1, map.last);
        const y = axis("share of all nodes", percent);
        y.min = 0;
        y.max = 1;
        const made = line("nodes that have it", curve, 0);
        return {
            type: "line",
            data: { datasets: [made] },
            options: { scales: { x: x, y: y } },
        };
    }
    if (map)
        drawings.unshift([
            coverageChart,
            "Coverage",
            "How many nodes have the one letter, its hidden first hops included.",
        ]);

    const canvases = [];
    writeHead();
    writeTiles();
    writeExpected();
    writePublished();
    writeMarks();
    canvases.push.apply(canvases, page.makeCards(byId("cards"), drawings));
    if (map) showMap();
    page.keepDrawn(drawings, canvases, function () {
        if (map) drawMap();
    });
})();
