/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations have one encoding, and what a kind has no use for is empty. */
#include "proto/group.h"

#include "tests/proto/samples.h"
#include "tests/tap.h"

static uint8_t out[GROUP_OP_BYTES];

static struct group_op sample(enum group_op_kind kind)
{
    struct group_op op = {.kind = kind, .admin = kind == GROUP_NEW};
    op.card.suite = CARD_SUITE;
    op.parent_count = kind == GROUP_NEW ? 0 : LIMIT_GROUP_PARENTS;
    for (size_t i = 0; i < op.parent_count; i++)
        op.parents[i].bytes[0] = (uint8_t)(i + 1);
    if (kind != GROUP_NEW)
        sample_fill(op.group.bytes, 32, 5);
    if (kind == GROUP_NEW || kind == GROUP_ADD) {
        op.name_size = LIMIT_NAME_BYTES;
        memset(op.name, 'n', sizeof(op.name));
    }
    return op;
}

static enum status turn(const struct group_op *op, struct group_op *back)
{
    size_t size = 0, signed_bytes = 0;
    group_op_encode(op, out, &size, &signed_bytes);
    return group_op_decode((struct span){out, size}, back);
}

int main(void)
{
    struct group_op op, back;
    bool all = true, cut = true;
    for (int kind = GROUP_NEW; kind <= GROUP_LEAVE; kind++) {
        size_t size = 0, signed_bytes = 0;
        op = sample((enum group_op_kind)kind);
        all &= turn(&op, &back) == STATUS_OK && back.kind == op.kind &&
               back.parent_count == op.parent_count &&
               back.name_size == op.name_size;
        group_op_encode(&op, out, &size, &signed_bytes);
        for (size_t room = 0; room < size; room++)
            cut &= group_op_decode((struct span){out, room}, &back) ==
                   STATUS_INVALID;
    }
    ok(all, "the largest of each kind comes back");
    ok(cut, "cut at any length it is refused");
    op = sample(GROUP_ADD);
    op.parents[1] = op.parents[0];
    ok(turn(&op, &back) == STATUS_INVALID, "a parent named twice is refused");
    op = sample(GROUP_ADD);
    op.parents[0].bytes[0] = 9;
    ok(turn(&op, &back) == STATUS_INVALID, "parents out of order are refused");
    op = sample(GROUP_REMOVE);
    op.parent_count = 0;
    ok(turn(&op, &back) == STATUS_INVALID, "all but the first have a parent");
    op = sample(GROUP_NEW);
    op.parent_count = 1;
    ok(turn(&op, &back) == STATUS_INVALID, "the first has none");
    op = sample(GROUP_NEW);
    op.subject.bytes[0] = 1;
    ok(turn(&op, &back) == STATUS_INVALID, "the founder founds for themselves");
    op = sample(GROUP_LEAVE);
    op.subject.bytes[0] = 1;
    ok(turn(&op, &back) == STATUS_INVALID, "one leaves for oneself");
    op = sample(GROUP_REMOVE);
    op.admin = true;
    ok(turn(&op, &back) == STATUS_INVALID, "a removal makes no admin");
    op = sample(GROUP_ADD);
    op.name_size = 0;
    ok(turn(&op, &back) == STATUS_INVALID, "who is added has a name");
    op = sample(GROUP_ADD);
    memset(op.group.bytes, 0, 32);
    ok(turn(&op, &back) == STATUS_INVALID, "and a group");
    op = sample((enum group_op_kind)5);
    ok(turn(&op, &back) == STATUS_INVALID, "an unknown kind is refused");
    return tap_done();
}
