/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mesh drawn around the node where a letter was written: a node's ring is how
 * many links it is away, each ring has the area that its nodes need, and within its ring it stands near those that it hangs
 * on (a radial layout, its order by barycentres, as Sugiyama and others 1981).  So the picture is the same each time, needs no search for a good place,
 * and a letter spreads outward in it. */
function makeMap(run, colour) {
    "use strict";

    const CROWD = 60;
    const spread = run.spread;
    const count = spread.ms.length;
    const writer = run.summary.picture.from;
    const reader = run.summary.picture.to;
    const neighbours = spread.ms.map(function () {
        return [];
    });

    function isNode(value) {
        return Number.isInteger(value) && value >= 0 && value < count;
    }
    run.edges.from.forEach(function (from, i) {
        const to = run.edges.to[i];
        if (!isNode(from) || !isNode(to)) return;
        neighbours[from].push(to);
        neighbours[to].push(from);
    });

    /* Breadth first from the writer; what it does not reach is on the
     * outermost ring.  A list of nodes for each ring. */
    function findRings() {
        const ring = new Array(count).fill(-1);
        const rings = [[writer]];
        ring[writer] = 0;
        for (let i = 0; i < rings.length; i++)
            rings[i].forEach(function (node) {
                neighbours[node].forEach(function (next) {
                    if (ring[next] >= 0) return;
                    ring[next] = i + 1;
                    if (rings.length === i + 1) rings.push([]);
                    rings[i + 1].push(next);
                });
            });
        const apart = spread.ms.map(function (ms, node) {
            return node;
        });
        rings.push(
            apart.filter(function (node) {
                return ring[node] < 0;
            })
        );
        return rings;
    }

    function meanAngle(angles) {
        const sum = angles.reduce(
            function (before, angle) {
                return [
                    before[0] + Math.cos(angle),
                    before[1] + Math.sin(angle),
                ];
            },
            [0, 0]
        );
        return Math.atan2(sum[1], sum[0]);
    }

    /* On its ring a node stands in the order of the direction in which those
     * stand that it hangs on, all at one distance from each other; and the ring is turned
     * so that they stand as near to that direction as can be. */
    function findPlaces() {
        const rings = findRings().filter(function (ring) {
            return ring.length > 0;
        });
        const places = new Array(count);
        let inside = 1;
        places[writer] = { x: 0, y: 0 };
        rings.slice(1).forEach(function (ring, i) {
            const wanted = new Map();
            ring.forEach(function (node) {
                /* None of its own ring has a place yet. */
                const sum = { x: 0, y: 0 };
                neighbours[node].forEach(function (other) {
                    const place = places[other];
                    if (!place) return;
                    sum.x += place.x;
                    sum.y += place.y;
                });
                wanted.set(node, Math.atan2(sum.y, sum.x));
            });
            ring.sort(function (a, b) {
                return wanted.get(a) - wanted.get(b);
            });
            const inner = inside / count;
            inside += ring.length;
            const outer = inside / count;
            const step = (2 * Math.PI) / ring.length;
            const turn = meanAngle(
                ring.map(function (node, j) {
                    return wanted.get(node) - j * step;
                })
            );
            ring.forEach(function (node, j) {
                const angle = turn + j * step;
                /* A crowded ring uses its whole breadth, evenly (golden
                 * section). */
                const deep = ring.length > CROWD ? (j * 0.618034) % 1 : 0.5;
                const far = Math.sqrt(inner + (outer - inner) * deep);
                places[node] = {
                    x: far * Math.cos(angle),
                    y: far * Math.sin(angle),
                };
            });
        });
        return places;
    }

    const places = findPlaces();
    const dot = Math.max(1.5, Math.min(6, 60 / Math.sqrt(count)));

    function strokeLines(context, at, pairs) {
        context.beginPath();
        pairs.forEach(function (pair) {
            const from = at(pair[0]);
            const to = at(pair[1]);
            context.moveTo(from.x, from.y);
            context.lineTo(to.x, to.y);
        });
        context.stroke();
    }
    function strokeRing(context, place, name) {
        context.strokeStyle = colour(name);
        context.lineWidth = 2;
        context.beginPath();
        context.arc(place.x, place.y, dot + 4, 0, 2 * Math.PI);
        context.stroke();
    }
    function fillNode(context, place, isAdversary) {
        if (isAdversary) {
            context.fillRect(
                place.x - dot, place.y - dot, 2 * dot, 2 * dot);
            return;
        }
        context.beginPath();
        context.arc(place.x, place.y, dot, 0, 2 * Math.PI);
        context.fill();
    }
    function hasIt(node, ms) {
        return spread.ms[node] !== null && spread.ms[node] <= ms;
    }

    const links = run.edges.from
        .map(function (from, i) {
            return [from, run.edges.to[i]];
        })
        .filter(function (pair) {
            return isNode(pair[0]) && isNode(pair[1]);
        });

    function isGiven(ms) {
        return function (pair) {
            return hasIt(pair[1], ms);
        };
    }
    const gifts = spread.from
        .map(function (from, node) {
            return [from, node];
        })
        .filter(function (pair) {
            return isNode(pair[0]);
        });
    /* The way on which the reader's copy came: as many steps as there are nodes
     * at most, whatever a file says. */
    const way = [];
    for (
        let node = reader;
        node !== writer && isNode(spread.from[node]) && way.length < count;
        node = spread.from[node]
    )
        way.push([spread.from[node], node]);

    return {
        last: spread.ms.reduce(function (a, b) {
            return Math.max(a, b || 0);
        }, 0),
        reached: function (ms) {
            return spread.ms.filter(function (when) {
                return when !== null && when <= ms;
            }).length;
        },
        /* Draw who has the letter by then, into a canvas of so many pixels. */
        draw: function (context, width, height, ms) {
            const half = Math.min(width, height) / 2 - dot - 6;
            const at = function (node) {
                return {
                    x: width / 2 + half * places[node].x,
                    y: height / 2 + half * places[node].y,
                };
            };
            context.clearRect(0, 0, width, height);
            context.lineWidth = 0.75;
            context.globalAlpha = Math.min(1, 800 / count);
            context.strokeStyle = colour("--line");
            strokeLines(context, at, links);
            context.lineWidth = 1.5;
            context.globalAlpha = Math.min(1, 300 / count);
            context.strokeStyle = colour("--one");
            strokeLines(context, at, gifts.filter(isGiven(ms)));
            context.globalAlpha = 1;
            places.forEach(function (place, node) {
                const bad = spread.adversary[node] === 1;
                const name = bad ? "--two" : "--one";
                context.fillStyle = colour(hasIt(node, ms) ? name : "--idle");
                if (bad && !hasIt(node, ms))
                    context.fillStyle = colour("--two-idle");
                fillNode(context, at(node), bad);
            });
            context.lineWidth = 2.5;
            context.strokeStyle = colour("--good");
            strokeLines(context, at, way.filter(isGiven(ms)));
            strokeRing(context, at(writer), "--ink");
            strokeRing(context, at(reader), "--good");
        },
    };
}
