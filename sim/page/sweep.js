/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws a sweep with Chart.js: each measure along one axis, a curve for each
 * place on the others, a whisker for each interval. */
(function () {
    "use strict";

    const sweep = JSON.parse(document.getElementById("sweep").textContent);
    const { add, axis, byId, byteAxis, colour, figure, plain } = page;
    const { cryptoFact, round, row, units } = page;
    /* What says nothing of any run has no value at any point. */
    const metrics = Object.keys(sweep.points[0].values).filter(function (name) {
        return sweep.points.some(function (point) {
            return point.values[name][0] !== null;
        });
    });
    const shown = [
        ["delivered", "Delivered", "Share of the letters that came."],
        ["latency_p50", "Latency", "After how long half of the letters had come."],
        ["latency_p99", "Latency, the slow ones", "After how long 99 in 100 had come."],
        ["redundancy", "Redundancy", "Envelopes that came to a relay, over those that were new to it, minus one."],
        ["node_bytes", "Bytes", "Sent by a node."],
    ].filter(function (one) {
        return metrics.includes(one[0]);
    });
    const CURVES = 8;

    function sum(member) {
        return sweep.points.reduce(function (all, point) {
            return all + point[member];
        }, 0);
    }

    function writeHead() {
        const runs = sum("runs");
        const failed = runs - sum("passed");
        const verdict =
            runs < sweep.jobs ? "partial" : failed ? "failed" : "passed";
        byId("name").textContent = sweep.scenario;
        byId("verdict").textContent = verdict;
        byId("verdict").classList.add(verdict === "passed" ? "good" : "bad");
        document.title = sweep.scenario + ", a sweep: " + verdict;
        byId("facts").textContent = sweep.axes
            .map(function (one) {
                return one.key + ": " + one.values.join(", ");
            })
            .concat(
                [
                    "seeds " + sweep.seed_first + " to " + sweep.seed_last,
                    "sotto-sim " + sweep.version,
                ],
                cryptoFact(sweep.crypto) || []
            )
            .join(" · ");
        [
            [plain(sweep.points.length), "points"],
            [plain(runs) + " of " + plain(sweep.jobs), "runs"],
            [plain(failed), "runs failed"],
            [plain(sum("violations")), "violations of invariants"],
        ].forEach(function (pair) {
            const tile = add(byId("tiles"), "div", undefined, "tile");
            add(tile, "b", pair[0]);
            add(tile, "span", pair[1], "soft");
        });
    }

    /* The table. */

    /* As measured values are read; what was expected has all its digits. */
    function brief(metric, value) {
        const whole = figure(metric, value);
        return whole === plain(value) ? round(value, 4) : whole;
    }
    function interval(metric, values) {
        const mean = brief(metric, values[0]);
        if (values[0] === null || values[1] === values[2]) return mean;
        return (
            mean +
            " (" +
            brief(metric, values[1]) +
            " to " +
            brief(metric, values[2]) +
            ")"
        );
    }
    function keys() {
        return sweep.axes.map(function (one) {
            return one.key;
        });
    }
    function writeTable() {
        const table = byId("points");
        const columns = shown.map(function (one) {
            return one[0];
        });
        row(table, "th", keys().concat(["passed"], columns));
        sweep.points.forEach(function (point) {
            const cells = row(
                table,
                "td",
                point.at.concat(
                    [point.passed + " of " + point.runs],
                    columns.map(function (metric) {
                        return point.runs
                            ? interval(metric, point.values[metric])
                            : "not run";
                    })
                )
            );
            cells[point.at.length].className =
                point.passed === point.runs ? "good" : "bad";
        });
    }

    /* Charts. */

    function along() {
        return Number(byId("along").value);
    }
    /* The values of an axis as numbers, or null: names, or unlike units. */
    function numbers(one) {
        const units = { "": 1, "%": 0.01 };
        const found = (one ? one.values : []).map(function (value) {
            const parts = /^([0-9.]+)([a-zA-Z%]*)$/.exec(value);
            return parts ? [Number(parts[1]), parts[2]] : [NaN, ""];
        });
        const unit = found.length ? found[0][1] : "";
        const alike = found.every(function (pair) {
            return !Number.isNaN(pair[0]) && pair[1] === unit;
        });
        return alike && found.length
            ? {
                  unit: units[unit] ? "" : unit,
                  list: found.map(function (pair) {
                      return pair[0] * (units[unit] || 1);
                  }),
              }
            : null;
    }
    function xAxis(one) {
        const scale = numbers(one);
        const x = axis(one ? one.key : "");
        if (!scale) {
            x.type = "category";
            x.labels = one ? one.values : ["all"];
            delete x.ticks.callback;
            x.offset = true;
            return x;
        }
        const least = Math.min.apply(null, scale.list);
        const largest = Math.max.apply(null, scale.list);
        x.type = least > 0 && largest / least >= 50 ? "logarithmic" : "linear";
        if (scale.unit) x.title.text += " in " + scale.unit;
        x.ticks.callback = function (value) {
            return x.type === "linear" || scale.list.includes(value)
                ? plain(value)
                : "";
        };
        return x;
    }
    function place(at) {
        const one = sweep.axes[along()];
        const scale = numbers(one);
        if (!one) return "all";
        return scale
            ? scale.list[one.values.indexOf(at[along()])]
            : at[along()];
    }
    function nameOf(at) {
        return at
            .map(function (value, i) {
                return i === along() ? "" : keys()[i] + " " + value;
            })
            .filter(Boolean)
            .join(", ");
    }

    /* A curve for each place on the other axes; of very many the first. */
    function curves(metric) {
        const made = new Map();
        sweep.points.forEach(function (point) {
            const values = point.values[metric];
            const name = nameOf(point.at);
            if (!made.has(name)) made.set(name, []);
            if (values[0] !== null)
                made.get(name).push({
                    x: place(point.at),
                    y: values[0],
                    low: values[1],
                    high: values[2],
                });
        });
        return Array.from(made).slice(0, CURVES);
    }
    const whiskers = {
        id: "whiskers",
        afterDatasetsDraw: function (chart) {
            const context = chart.ctx;
            context.save();
            context.lineWidth = 1.5;
            chart.data.datasets.forEach(function (set, i) {
                if (!chart.isDatasetVisible(i) || !set.isMeasured) return;
                context.strokeStyle = set.borderColor;
                chart.getDatasetMeta(i).data.forEach(function (drawn, j) {
                    const y = chart.scales.y;
                    const low = y.getPixelForValue(set.data[j].low);
                    const high = y.getPixelForValue(set.data[j].high);
                    context.beginPath();
                    context.moveTo(drawn.x - 4, low);
                    context.lineTo(drawn.x + 4, low);
                    context.moveTo(drawn.x, low);
                    context.lineTo(drawn.x, high);
                    context.moveTo(drawn.x - 4, high);
                    context.lineTo(drawn.x + 4, high);
                    context.stroke();
                });
            });
            context.restore();
        },
    };
    function curve(name, data, i) {
        const paint = colour("--curve-" + (1 + (i % CURVES)));
        return {
            label: name || "all seeds",
            data: data,
            isMeasured: true,
            parsing: false,
            borderColor: paint,
            backgroundColor: paint,
            borderDash: i % 2 ? [6, 3] : [],
            borderWidth: 2,
            pointRadius: 3,
            pointHitRadius: 8,
        };
    }
    /* What was expected of it, over the whole width. */
    function limits(metric, x) {
        return sweep.expectations
            .filter(function (one) {
                return one.metric === metric && one.wanted !== null;
            })
            .map(function (one) {
                const sign = one.is === "at-least" ? "≥ " : "≤ ";
                return {
                    label: "expected " + sign + figure(metric, one.wanted),
                    data: x.map(function (at) {
                        return { x: at, y: one.wanted };
                    }),
                    parsing: false,
                    borderColor: colour("--soft"),
                    backgroundColor: colour("--soft"),
                    borderDash: [2, 3],
                    borderWidth: 1.5,
                    pointRadius: 0,
                };
            });
    }
    function placesOf(sets) {
        const found = [];
        sets.forEach(function (set) {
            set[1].forEach(function (point) {
                if (!found.includes(point.x)) found.push(point.x);
            });
        });
        return found;
    }
    /* With room for all whiskers. */
    function yAxis(metric, sets) {
        const all = sets.flatMap(function (set) {
            return set[1];
        });
        const least = Math.min.apply(null, all.map((point) => point.low));
        const most = Math.max.apply(null, all.map((point) => point.high));
        const y = units[metric] === "bytes"
            ? byteAxis(metric, Math.max(most, 1))
            : axis(metric, function (value) {
                  return brief(metric, value);
              });
        if (all.length) {
            y.suggestedMin = least;
            y.suggestedMax = most;
        }
        if (units[metric] === "share") y.max = 1;
        return y;
    }
    function chart(metric) {
        const sets = curves(metric);
        return {
            type: "line",
            data: {
                datasets: sets
                    .map(function (set, i) {
                        return curve(set[0], set[1], i);
                    })
                    .concat(limits(metric, placesOf(sets))),
            },
            plugins: [whiskers],
            options: {
                scales: {
                    x: xAxis(sweep.axes[along()]),
                    y: yAxis(metric, sets),
                },
                plugins: {
                    tooltip: {
                        callbacks: {
                            label: function (item) {
                                const at = item.raw;
                                return (
                                    item.dataset.label +
                                    ": " +
                                    (at.low === undefined
                                        ? figure(metric, at.y)
                                        : interval(metric, [
                                              at.y,
                                              at.low,
                                              at.high,
                                          ]))
                                );
                            },
                        },
                    },
                },
            },
        };
    }

    function offer(select, values, chosen) {
        values.forEach(function (pair) {
            const option = add(select, "option", pair[1]);
            option.value = pair[0];
            option.selected = pair[0] === chosen;
        });
    }
    /* Along the axis with the most values, until the reader asks otherwise. */
    function longest() {
        return sweep.axes.reduce(function (best, one, i) {
            return one.values.length > sweep.axes[best].values.length ? i : best;
        }, 0);
    }

    const others = metrics.filter(function (metric) {
        return !shown.some(function (one) {
            return one[0] === metric;
        });
    });
    offer(
        byId("along"),
        keys().map(function (key, i) {
            return [i, key];
        }),
        longest()
    );
    offer(
        byId("more"),
        others.map(function (metric) {
            return [metric, metric];
        }),
        others[0]
    );
    if (sweep.axes.length < 2) byId("along").parentNode.hidden = true;
    const drawings = shown.map(function (one) {
        return [
            function () {
                return chart(one[0]);
            },
            one[1],
            one[2],
        ];
    });
    drawings.push([
        function () {
            return chart(byId("more").value);
        },
        "One more measure",
        "The one that is chosen above.",
    ]);
    if (new Set(sweep.points.map(function (point) {
        return nameOf(point.at);
    })).size > CURVES)
        add(
            byId("asked"),
            "span",
            "Of more than " + CURVES + " curves the first are drawn.",
            "soft"
        );
    writeHead();
    writeTable();
    const draw = page.keepDrawn(
        drawings,
        page.makeCards(byId("cards"), drawings),
        function () {}
    );
    byId("along").addEventListener("change", draw);
    byId("more").addEventListener("change", draw);
})();
