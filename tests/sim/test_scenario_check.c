/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One wrong scenario for each thing that can be wrong, and all that its author
 * is told: file, line and key, or the option, and what would be right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/scenario_check.h"
#include "sim/scenario_file.h"
#include "sim/simulation.h"
#include "tests/tap.h"

enum { SAID_BYTES = sizeof(((struct complaint *)0)->text) };

static char folder[] = "/tmp/test_scenario_check.XXXXXX";
static char path[64], beside[64];

struct wrong {
    const char *text; /* the scenario */
    const char *says; /* "@" is its path, "&" that of the file beside it */
    const char *sets[3];
    const char *file; /* what stands in that */
};

#define WRONG(wrong, said)                                                     \
    {                                                                          \
        .text = (wrong), .says = (said)                                        \
    }
#define WITH_SETS(wrong, said, ...)                                            \
    {                                                                          \
        .text = (wrong), .says = (said), .sets = { __VA_ARGS__ }               \
    }
#define WITH_FILE(wrong, said, has)                                            \
    {                                                                          \
        .text = (wrong), .says = (said), .file = (has)                         \
    }

#define GROW "[mesh]\ntopology = watts-strogatz\n"
#define FEW  "[mesh]\nnodes = 12\ntopology = ring\n"
#define LIST "[mesh]\ntopology = file\nfile = beside\n"
#define MEET "[mobility]\nmodel = trace\ntrace = beside\n"
#define READ FEW "[workload]\nmessages = beside\n"

static const struct wrong keys[] = {
    WRONG("[links]\nlatncy = 3ms\n",
        "@:2: [links] latncy: no such key; did you mean latency?"),
    WRONG("[lonks]\nloss = 0\n",
        "@:1: [lonks]: no such section; did you mean [links]?"),
    WRONG("[links]\n[lonks]\n",
        "@:2: [lonks]: no such section; did you mean [links]?"),
    WRONG(
        "[mesh]\nloss = 0\n", "@:2: [mesh] loss: no such key; [links] has it"),
    WRONG("[workload]\nletter_bytes = 9\n",
        "@:2: [workload] letter_bytes: no such key; sotto-scenario(5) has "
        "those there are"),
    WRONG("[weather]\n",
        "@:1: [weather]: no such section; sotto-scenario(5) has those there "
        "are"),
    WRONG("loss = 0\n", "@:1: loss: stands before the first [section]"),
    WRONG("[mesh]\nnodes\n",
        "@:2: this is neither [section], key = value nor # comment"),
    WRONG("[mesh]\nnodes = 5\nnodes = 6\n",
        "@:3: [mesh] nodes: stands in line 2 already; keep one of the two"),
    WRONG("[links]\n\nlatency = 3\n",
        "@:3: [links] latency: \"3\" must be a time with its unit (us ms s min "
        "h d), like 20ms, with at most six decimals; it can be 0 .. 1h"),
    WRONG("[links]\nbandwidth = 3s\n",
        "@:2: [links] bandwidth: \"3s\" must be a size with its unit (B kB MB "
        "GB KiB MiB GiB), like 64KiB, with at most six decimals; it can be 0 "
        ".. 1024GiB"),
    WRONG("[mobility]\nreach = 3s\n",
        "@:2: [mobility] reach: \"3s\" must be a length with its unit (mm m "
        "km), like 30m, with at most six decimals; it can be 1m .. 100km"),
    WRONG("[links]\nloss = 2%\n",
        "@:2: [links] loss: \"2%\" must be a decimal number without a unit, "
        "like 0.02, with at most six decimals; it can be 0.0 .. 1.0"),
    WRONG("[mesh]\nnodes = many\n",
        "@:2: [mesh] nodes: \"many\" must be a whole number without a unit; it "
        "can be 2 .. 1000000"),
    WRONG("[links]\nlatency = 0.0001ms\n",
        "@:2: [links] latency: \"0.0001ms\" is less than the smallest there "
        "is, and not 0; it can be 0 .. 1h"),
    WRONG("[links]\nloss = 2\n",
        "@:2: [links] loss: 2 is out of range; it can be 0.0 .. 1.0"),
    WRONG("[faults]\ncrash_disk = gone\n",
        "@:2: [faults] crash_disk: \"gone\" is not one of the words that it "
        "can be; it can be kept lost"),
    WRONG("[expect]\ndelivered = 1\n",
        "@:2: [expect] delivered: needs >= or <=, like \"delivered >= 0.999\""),
    WRONG("[expect]\ndelivred >= 1\n",
        "@:2: [expect] delivred: no such metric; did you mean delivered?"),
    WRONG("[expect]\nhappiness >= 1\n",
        "@:2: [expect] happiness: no such metric; sotto-scenario(5) has those "
        "there are"),
    WRONG("[expect]\nlatency_p50 <= 3\n",
        "@:2: [expect] latency_p50: \"3\" must be a time with its unit (us ms "
        "s min h d), like 20ms, with at most six decimals"),
    WRONG("[expect]\ndelivered >= 2\n",
        "@:2: [expect] delivered: 2 is out of range; a share can be 0.0 .. "
        "1.0"),
    WRONG("[published]\nredundancy = 3\n",
        "@:2: [published] redundancy: \"3\" must be a figure, a comma, and who "
        "reported it, like \"0.04 to 0.09, Plumtree (2007)\""),
    WITH_SETS("",
        "--set: \"loss\" is not section.key=value, like links.loss=0.1",
        "loss"),
    WITH_SETS("",
        "--set: [mesh] nodes: 1 is out of range; it can be 2 .. 1000000",
        "mesh.nodes=1"),
};

static const struct wrong wholes[] = {
    WRONG("[mesh]\nnodes = 8\n",
        "@:2: [mesh] nodes: 8 nodes cannot have 8 neighbours each; degree can "
        "be 7 at most here, and nodes 9 at least"),
    WRONG("[mesh]\nnodes = 20\ndegree = 20\n",
        "@:3: [mesh] degree: 20 nodes cannot have 20 neighbours each; degree "
        "can be 19 at most here, and nodes 21 at least; [mesh] nodes stands in "
        "line 2"),
    WITH_SETS("[mesh]\nnodes = 20\ndegree = 8\n",
        "--set: [mesh] nodes: 5 nodes cannot have 8 neighbours each; degree "
        "can be 4 at most here, and nodes 9 at least; [mesh] degree stands in "
        "@:3",
        "mesh.nodes=5"),
    WITH_SETS("",
        "--set: [mesh] degree: 5 nodes cannot have 6 neighbours each; degree "
        "can be 4 at most here, and nodes 7 at least; [mesh] nodes is set by "
        "--set",
        "mesh.nodes=5", "mesh.degree=6"),
    WRONG("[mesh]\nnodes = 15\ndegree = 7\n",
        "@:3: [mesh] degree: 15 nodes with 7 neighbours each would share half "
        "a link; one of the two must be even, as degree = 6 is; [mesh] nodes "
        "stands in line 2"),
    WRONG("[node]\nlinks = 4\n",
        "@:2: [node] links: 8 neighbours each are more than a relay keeps, "
        "which is 4; degree can be that at most, or [node] links more"),
    WRONG("[mesh]\ntopology = erdos-renyi\nnodes = 12\n",
        "@:3: [mesh] nodes: 8 neighbours each are too many for 12 nodes by "
        "chance; degree can be half of nodes at most, so nodes 16 at least"),
    WRONG(GROW "degree = 7\n",
        "@:3: [mesh] degree: must be even with this topology, and 7 is not; 8 "
        "is; [mesh] topology stands in line 2"),
    WRONG("[mesh]\ntopology = join\n",
        "@:2: [mesh] topology: topology = join needs nodes that find their "
        "neighbours, [node] member = on"),
    WRONG("[mesh]\ntopology = star\n",
        "@:2: [mesh] topology: a star of 100 nodes has 99 links at its centre, "
        "and a relay keeps 64; take 65 nodes at most"),
    WRONG("[mesh]\nnodes = 2\ntopology = ring\n",
        "@:2: [mesh] nodes: 2 nodes make no ring; 3 at least do; [mesh] "
        "topology stands in line 3"),
    WRONG("[mesh]\ntopology = file\n",
        "@:2: [mesh] topology: topology = file reads the links from a file, "
        "and none is named; name one, as file = links.csv"),
    WITH_SETS("[mesh]\ntopology = file\nfile = links.csv\n",
        "--set: [mesh] nodes: the file of links brings its own number of "
        "nodes; "
        "leave it out, or take another topology; [mesh] file stands in @:3",
        "mesh.nodes=50"),
    WITH_SETS("[mobility]\nmodel = trace\ntrace = contacts\n",
        "--set: [mesh] nodes: the trace brings its own number of nodes; leave "
        "it out, or take another model of mobility; [mobility] trace stands in "
        "@:3",
        "mesh.nodes=50"),
    WRONG("[mesh]\nfile = links.csv\n",
        "@:2: [mesh] file: is read with topology = file only; set that, or "
        "leave it out"),
    WRONG("[mesh]\nskip = vpn\n",
        "@:2: [mesh] skip: leaves out lines of a file, with topology = file "
        "only; set that, or leave it out"),
    WRONG("[mobility]\nmodel = trace\n",
        "@:2: [mobility] model: model = trace needs a file of contacts; name "
        "one in the scenario, as trace = FILE, or by --set "
        "mobility.trace=FILE"),
    WRONG("[mobility]\ntrace = contacts\n",
        "@:2: [mobility] trace: is read with model = trace only; set that, or "
        "leave it out"),
    WRONG("[mobility]\nmodel = walk\nspeed = 2m\n",
        "@:3: [mobility] speed: the greatest speed, 1500mm a second, is less "
        "than the least, 2m; speed_most can be that at least"),
    WRONG("[mobility]\nmodel = walk\n[churn]\nsession = 1min\n",
        "@:4: [churn] session: nodes that move neither churn nor crash; leave "
        "out [churn] session and [faults] crash_share, or [mobility] model; "
        "[mobility] model stands in line 2"),
    WRONG("[adversaries]\ndroppers = 0.6\nspies = 0.7\n",
        "@:2: [adversaries] droppers: the shares of all adversaries add up to "
        "1.3; 1.0 is all nodes, and the most that they can be; [adversaries] "
        "spies stands in line 3"),
    WRONG("[faults]\npartition_for = 2min\npartition_every = 90s\n",
        "@:3: [faults] partition_every: splits of 2min, one every 90s, never "
        "heal; partition_every must be longer than partition_for; [faults] "
        "partition_for stands in line 2"),
    WRONG("[faults]\npartition_at = 20min\npartition_for = 1min\n",
        "@:2: [faults] partition_at: the split, at 20min, would not come "
        "before the run's end, at 10min; make it earlier, or [mesh] duration "
        "longer"),
    WRONG("[faults]\npartition_for = 1min\npartition_every = 2min\n"
          "partition_times = 9\n",
        "@:4: [faults] partition_times: the last of 9 splits, at 16min, would "
        "not come before the run's end, at 10min; take fewer, or [mesh] "
        "duration longer; [faults] partition_every stands in line 3"),
    WRONG("[faults]\ncrash_at = 10min\ncrash_share = 0.1\n",
        "@:2: [faults] crash_at: the crash, at 10min, would not come before "
        "the run's end, at 10min; make it earlier, or [mesh] duration longer"),
    WITH_SETS("[faults]\nkill_at = 15min\nkill_share = 0.1\n",
        "--set: [mesh] duration: the failure, at 15min, would not come before "
        "the run's end, at 12min; make it earlier, or [mesh] duration longer; "
        "[faults] kill_at stands in @:2",
        "mesh.duration=12min"),
    WRONG("[faults]\nskew_at = 1h\nskew_share = 0.1\n",
        "@:2: [faults] skew_at: the jump of clocks, at 1h, would not come "
        "before the run's end, at 10min; make it earlier, or [mesh] duration "
        "longer"),
    WRONG("[churn]\nsession = 1min\nfrom = 1h\n",
        "@:3: [churn] from: churn, at 1h, would not come before the run's end, "
        "at 10min; make it earlier, or [mesh] duration longer"),
    WRONG("[churn]\nsession = 1min\nuntil = 30s\n",
        "@:3: [churn] until: churn would end at 30s, and begin at 30s; until "
        "must be later than from"),
    WRONG("[adversaries]\nforgers = 0.1\nfrom = 1h\n",
        "@:3: [adversaries] from: the attack, at 1h, would not come before the "
        "run's end, at 10min; make it earlier, or [mesh] duration longer"),
    WRONG("[adversaries]\nflash = 0.1\nflash_at = 1h\n",
        "@:3: [adversaries] flash_at: the silence of flash relays, at 1h, "
        "would not come before the run's end, at 10min; make it earlier, or "
        "[mesh] duration longer"),
    WRONG("[workload]\ngroups = 50000\ngroup_letters = 1000\n",
        "@:3: [workload] group_letters: 50000 groups of 8 with 1000 letters "
        "each are 400000000 copies; there can be 20000000; [workload] groups "
        "stands in line 2"),
    WRONG("[workload]\nfiles = 129\npairs = 1\n",
        "@:2: [workload] files: 65 files of up to 100kB from one person to "
        "another; a vault keeps 64, and 16MiB: take more pairs, or fewer files "
        "or smaller ones; [workload] pairs stands in line 3"),
    WRONG("[workload]\nfiles = 1\n[node]\ncrypto = none\n",
        "@:2: [workload] files: needs vaults, and with [node] crypto = none "
        "there are letters alone; leave out the one or the other; [node] "
        "crypto stands in line 4"),
    WRONG("[workload]\nfiles = 1\n[node]\nreceipts = off\n",
        "@:2: [workload] files: a file's parts go out as receipts make room, "
        "and [node] receipts is off; leave out the one or the other; [node] "
        "receipts stands in line 4"),
    WRONG("[workload]\nlifetime = 90min\n",
        "@:2: [workload] lifetime: 90min must be whole hours, as 1h or 2h are"),
    WRONG("[workload]\nlifetime_most = 150min\n",
        "@:2: [workload] lifetime_most: 150min must be whole hours, as 2h or "
        "3h are"),
    WRONG("[adversaries]\nlife = 90min\n",
        "@:2: [adversaries] life: 90min must be whole hours, as 1h or 2h are"),
    WRONG("[node]\nlife = 90min\n",
        "@:2: [node] life: 90min must be whole hours, as 1h or 2h are"),
    WRONG("[workload]\nlifetime = 3h\nlifetime_most = 2h\n",
        "@:3: [workload] lifetime_most: the greatest, 2h, is less than the "
        "least, 3h; it can be that at least, or 0 for all alike; [workload] "
        "lifetime stands in line 2"),
    WRONG("[workload]\ntext = 1kB\ntext_most = 900B\n",
        "@:3: [workload] text_most: the greatest, 900B, is less than the "
        "least, 1kB; it can be that at least, or 0 for all alike; [workload] "
        "text stands in line 2"),
    WRONG("[workload]\nfile_size_most = 99kB\n",
        "@:2: [workload] file_size_most: the greatest, 99kB, is less than the "
        "least, 100kB; it can be that at least, or 0 for all alike"),
    WRONG("[workload]\nover = 9h\n",
        "@:2: [workload] over: letters would be written up to first and over, "
        "32410s, and the run ends at 10min; make these less, or [mesh] "
        "duration longer"),
    WRONG("[workload]\nletters = 0\ngroups = 1\nover = 1h\n",
        "@:4: [workload] over: letters would be written up to first and over, "
        "3610s, and the run ends at 10min; make these less, or [mesh] duration "
        "longer"),
    WRONG("[workload]\nsettle = 10min\n",
        "@:2: [workload] settle: the mesh would have settled at 610s, and the "
        "run ends at 10min; make settle less, or [mesh] duration longer"),
    WRONG("[node]\nlife = 1d\n",
        "@:2: [node] life: relays would refuse letters that live 7d, since "
        "they take what lives 1d ([node] life); make lifetimes that at most"),
    WRONG("[expect]\ndelivered >= 1\nspy_recall <= 0.1\n",
        "@:3: [expect] spy_recall: says nothing of a run without a share of "
        "[adversaries] spies; add that, or leave the line out"),
    WITH_SETS("",
        "--set: [expect] file_delivered: says nothing of a run without "
        "[workload] files; add that, or leave the line out",
        "expect.file_delivered>=1"),
};

static const struct wrong files[] = {
    WRONG(MEET,
        "@:3: [mobility] trace: &: No such file or directory; a path counts "
        "from the scenario's folder, unless it begins with a slash"),
    WITH_FILE(MEET,
        "&:2: must be like \"20.0 CONN 3 17 up\" or \"... down\", with two "
        "different nodes below 1000000 and a time below 31622400 s; "
        "`sotto-sim import one` makes it so of what the ONE takes",
        "1 CONN 1 2 up\n1.5 1 2\n"),
    WITH_FILE(MEET,
        "&:2: is out of order: the line before is at a later time; sort the "
        "file by time, down before up, or have `sotto-sim import one` do so",
        "9 CONN 1 2 up\n5 CONN 1 2 down\n"),
    WITH_FILE(MEET,
        "&:2: nodes 1 and 2 are in touch already; leave the line out, or "
        "put their down before it",
        "1 CONN 1 2 up\n2 CONN 2 1 up\n"),
    WITH_FILE(MEET,
        "&:1: nodes 1 and 2 are not in touch; leave the line out, or put "
        "their up before it",
        "1 CONN 1 2 down\n"),
    WITH_FILE(MEET,
        "@:3: [mobility] trace: & has no contact; a line of one is like "
        "\"20.0 CONN 3 17 up\"",
        "# nothing\n"),
    WRONG(LIST,
        "@:3: [mesh] file: &: No such file or directory; a path counts from "
        "the scenario's folder, unless it begins with a slash"),
    WITH_FILE(LIST, "&:1: must begin with the columns src,dst", "a,b\n"),
    WITH_FILE(LIST "skip = vpn\n",
        "&:1: has no column type, by which [mesh] skip leaves lines out; add "
        "the column, or leave skip out",
        "src,dst\n"),
    WITH_FILE(LIST,
        "&:2: must begin with two node numbers below 1000000, as in 3,17",
        "src,dst\nx,y\n"),
    WITH_FILE(LIST,
        "@:3: [mesh] file: beside has no edge between two nodes; a line of "
        "one is like \"3,17\"",
        "src,dst\n4,4\n"),
    WRONG(READ,
        "@:5: [workload] messages: &: No such file or directory; a path "
        "counts from the scenario's folder, unless it begins with a slash"),
    WITH_FILE(READ,
        "&:1: must be like \"12.5 C M1 3 17 2000\": seconds, C, a name, "
        "from, to, bytes",
        "12.5 C M1 3 7\n"),
    WITH_FILE(READ,
        "&:1: node 3 would write to itself; name another node as the fifth "
        "word",
        "12.5 C M1 3 3 200\n"),
    WITH_FILE(READ, "&:1: names node 17, and the mesh has 0 to 11",
        "12.5 C M1 3 17 200\n"),
    WITH_FILE(READ, "&:1: 8 bytes: a letter can have 16 to 24576",
        "12.5 C M1 3 7 8\n"),
    WITH_FILE(READ,
        "&:1: is written after the run's end, at 10min; leave it out, or "
        "make [mesh] duration longer",
        "700 C M1 3 7 200\n"),
    WRONG("[mesh]\ntopology = geometric\nradius = 0.1\n",
        "@:3: [mesh] radius: leaves the mesh in 12 parts; about 0.145 makes it "
        "one, and 0 takes the least that does"),
    WRONG(FEW "[adversaries]\nsybils = 0.8\ndroppers = 0.1\n",
        "@:6: [adversaries] droppers: of 12 nodes 1 are left where people "
        "live, and letters need 2; take less of this, or more nodes; "
        "[adversaries] sybils stands in line 5; [mesh] nodes stands in line 2"),
    WRONG(FEW "[workload]\ngroups = 1\ngroup_size = 13\n",
        "@:6: [workload] group_size: 13 people are needed, each at a node of "
        "their own; of 12 nodes 12 are left where people live; [workload] "
        "groups stands in line 5"),
};

static void fill_in(const char *says, char out[static SAID_BYTES])
{
    size_t at = 0;
    for (; *says && at < SAID_BYTES - sizeof(path); says++)
        if (*says == '@' || *says == '&')
            at += (size_t)snprintf(
                out + at, SAID_BYTES - at, "%s", *says == '@' ? path : beside);
        else
            out[at++] = *says;
    out[at] = '\0';
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    need(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static enum status begin(
    const struct scenario *scenario, struct complaint *complaint)
{
    const struct manner manner = {.wire = false};
    struct simulation *simulation = calloc(1, sizeof(*simulation));
    need(simulation);
    enum status status =
        simulation_init(simulation, scenario, &manner, complaint);
    if (!status)
        simulation_clear(simulation);
    free(simulation);
    return status;
}

static void test_wrong(const struct wrong *wrong)
{
    struct scenario scenario;
    struct complaint complaint = {{0}};
    char says[SAID_BYTES];
    unlink(beside);
    if (wrong->file)
        write_file(beside, wrong->file);
    write_file(path, wrong->text);
    scenario_init(&scenario);
    enum status status = scenario_read(&scenario, path, &complaint);
    for (size_t i = 0; !status && wrong->sets[i]; i++)
        status = scenario_set(&scenario, "--set", wrong->sets[i], &complaint);
    if (!status)
        status = scenario_check(&scenario, &complaint);
    if (!status)
        status = begin(&scenario, &complaint);
    fill_in(wrong->says, says);
    bool is_right =
        status == STATUS_INVALID && strcmp(says, complaint.text) == 0;
    ok(is_right, wrong->says);
    if (!is_right)
        printf("# said: %s\n", complaint.text);
}

/* Where the command line took away what is expected, nothing is wrong. */
static void test_taken_away(void)
{
    struct scenario scenario;
    struct complaint complaint;
    write_file(
        path, "[adversaries]\nspies = 0.1\n[expect]\nspy_recall <= 0.3\n");
    scenario_init(&scenario);
    need(scenario_read(&scenario, path, &complaint) == STATUS_OK);
    need(scenario_set(&scenario, "--over", "adversaries.spies=0", &complaint) ==
         STATUS_OK);
    ok(scenario_check(&scenario, &complaint) == STATUS_OK,
        "a sweep can begin where what is expected says nothing");
    write_file(path, "[mesh]\nnodes = 12\ntopology = file\nfile = links\n");
    scenario_init(&scenario);
    need(scenario_read(&scenario, path, &complaint) == STATUS_OK);
    need(scenario_set(&scenario, "--over", "mesh.topology=ring", &complaint) ==
         STATUS_OK);
    ok(scenario_check(&scenario, &complaint) == STATUS_OK,
        "and go over topologies of which one is a file");
}

int main(void)
{
    need(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/mine.conf", folder);
    snprintf(beside, sizeof(beside), "%s/beside", folder);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        test_wrong(&keys[i]);
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++)
        test_wrong(&wholes[i]);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        test_wrong(&files[i]);
    test_taken_away();
    unlink(path);
    unlink(beside);
    rmdir(folder);
    return tap_done();
}
