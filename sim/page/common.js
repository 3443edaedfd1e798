/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every page of sotto-sim builds on: figures as people read them, parts of
 * a page, and charts in its colours.  Whatever comes from a run is set as text,
 * never as markup. */
const page = (function () {
    "use strict";

    const root = document.documentElement;
    window.addEventListener("error", function (event) {
        const told = document.createElement("p");
        told.className = "bad";
        told.textContent =
            "This page could not be drawn: " +
            event.message +
            ". Is the folder as sotto-sim wrote it?";
        document.body.prepend(told);
    });

    /* Words and figures. */

    function round(value, digits) {
        return value.toLocaleString("en", {
            maximumSignificantDigits: digits || 3,
            useGrouping: true,
        });
    }
    function time(ms) {
        if (ms === null || ms === undefined) return "never";
        if (ms < 1000) return round(ms) + " ms";
        if (ms < 600000) return round(ms / 1000) + " s";
        if (ms < 36000000) return round(ms / 60000) + " min";
        return round(ms / 3600000) + " h";
    }
    function bytes(count) {
        const units = ["B", "KiB", "MiB", "GiB", "TiB"];
        let unit = 0;
        while (count >= 1024 && unit < units.length - 1) {
            count /= 1024;
            unit++;
        }
        return round(count) + " " + units[unit];
    }
    function percent(share) {
        return round(share * 100, 4) + " %";
    }
    /* How letters were sealed, where it was not for real; else null. */
    function cryptoFact(how) {
        if (how === "stub") return "crypto stub: nothing was sealed for real";
        if (how === "none") return "crypto none: there was no vault";
        return null;
    }
    function plain(count) {
        return Number.isInteger(count)
            ? count.toLocaleString("en")
            : round(count, 6);
    }

    /* Parts of the page. */

    function add(parent, tag, text, name) {
        const made = document.createElement(tag);
        if (text !== undefined) made.textContent = text;
        if (name) made.className = name;
        parent.append(made);
        return made;
    }
    function row(table, tag, cells) {
        const made = add(table, "tr");
        return cells.map(function (cell) {
            return add(made, tag, cell);
        });
    }
    function byId(id) {
        return document.getElementById(id);
    }

    /* A value of some unit, and one of a metric, whose unit the page has. */
    const units = JSON.parse(byId("units").textContent);
    function inUnit(unit, value) {
        if (unit === "ms") return time(value);
        return unit === "bytes" ? bytes(value) : plain(value);
    }
    function figure(metric, value) {
        if (value === null || value === undefined) return "never";
        return inUnit(units[metric], value);
    }

    /* Charts. */

    function colour(name) {
        return getComputedStyle(root).getPropertyValue(name).trim();
    }

    function axis(title, format) {
        return {
            title: { display: true, text: title, color: colour("--soft") },
            ticks: {
                color: colour("--soft"),
                maxRotation: 0,
                autoSkipPadding: 12,
                callback: format
                    ? function (value) {
                          return format(value);
                      }
                    : undefined,
            },
            grid: { color: colour("--line") },
        };
    }
    /* Bytes are counted in powers of two; so is their axis. */
    function byteAxis(title, most) {
        const made = axis(title, bytes);
        made.beginAtZero = true;
        made.ticks.stepSize = Math.pow(
            2,
            Math.max(0, Math.ceil(Math.log2(most / 6)))
        );
        return made;
    }
    function line(label, data, place) {
        return {
            label: label,
            data: data,
            parsing: false,
            borderColor: colour(["--one", "--two", "--curve-3"][place]),
            backgroundColor: colour(["--one", "--two", "--curve-3"][place]),
            borderDash: [[], [6, 3], [2, 3]][place],
            borderWidth: 2,
            pointRadius: 0,
            pointHitRadius: 8,
        };
    }
    function most(lines) {
        return lines.reduce(function (found, one) {
            return one.data.reduce(function (top, point) {
                return Math.max(top, point.y);
            }, found);
        }, 1);
    }

    function settle(config, canvas) {
        const options = config.options;
        options.animation = false;
        options.responsive = true;
        options.maintainAspectRatio = false;
        options.interaction = { mode: "nearest", axis: "xy", intersect: false };
        options.plugins = options.plugins || {};
        options.plugins.legend = {
            display: config.data.datasets.length > 1,
            labels: { color: colour("--ink"), boxHeight: 1, boxWidth: 24 },
        };
        return new Chart(canvas, config);
    }

    function isDrawn(canvas) {
        const data = canvas
            .getContext("2d")
            .getImageData(0, 0, canvas.width, canvas.height).data;
        for (let i = 3; i < data.length; i += 4) if (data[i] > 0) return true;
        return false;
    }

    /* A card with a canvas for each drawing: what draws it, title, caption, and
     * how many lines it needs room for beside each other, where it has such. */
    function makeCards(parent, drawings) {
        return drawings.map(function (drawing) {
            const card = add(parent, "figure", undefined, "card");
            add(card, "h2", drawing[1]);
            const room = add(card, "div", undefined, "chart");
            if (drawing[3])
                room.style.height = Math.max(17, 4 + 1.1 * drawing[3]) + "rem";
            const canvas = add(room, "canvas");
            canvas.setAttribute("role", "img");
            canvas.setAttribute("aria-label", drawing[1] + ". " + drawing[2]);
            add(card, "figcaption", drawing[2]);
            return canvas;
        });
    }

    /* Draw, and again when the reader changes from light to dark or asks for
     * something else: what is returned does it.  The root element's data-charts
     * and data-drawn say how many charts there are, and how many of them have
     * anything on them. */
    function keepDrawn(drawings, canvases, also) {
        const charts = [];
        function draw() {
            charts.splice(0).forEach(function (chart) {
                chart.destroy();
            });
            drawings.forEach(function (drawing, i) {
                charts.push(settle(drawing[0](), canvases[i]));
            });
            also();
            root.dataset.charts = canvases.length;
            root.dataset.drawn = canvases.filter(isDrawn).length;
        }
        window
            .matchMedia("(prefers-color-scheme: dark)")
            .addEventListener("change", draw);
        draw();
        return draw;
    }

    return {
        add: add,
        axis: axis,
        byId: byId,
        byteAxis: byteAxis,
        bytes: bytes,
        colour: colour,
        figure: figure,
        inUnit: inUnit,
        keepDrawn: keepDrawn,
        line: line,
        makeCards: makeCards,
        most: most,
        percent: percent,
        cryptoFact: cryptoFact,
        plain: plain,
        round: round,
        row: row,
        time: time,
        units: units,
    };
})();
