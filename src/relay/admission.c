/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A beat of half a minute looks at the pressure, and beats only while there is
 * something to look at: mail that came, or terms that are not those of rest.
 * Pressure is a shelf that is nearly full or has turned something away, or new
 * mail at half of what all peers together may bring.
 *
 * A peer's word is no proof.  What is admitted here depends on what happens
 * here alone; what peers say only decides how hard one works for one's own
 * letters, and of three or more the highest word does not count.  What is
 * passed on of it falls by one a hop, so that it dies out where nobody is under
 * pressure. */
#include "relay/admission.h"

#include <assert.h>

#include "crypto/stamp.h"
#include "proto/limits.h"

enum { SECOND_MS = 1000 };

static_assert(ADMISSION_LEAST_MOST < (int)LIMIT_STAMP_VALUE, "it can be met");

void admission_init(struct admission *admission, uint32_t rate_bytes_s,
    uint8_t bits_most, uint64_t seed)
{
    *admission = (struct admission){.bits_most = bits_most,
        .rate_bytes_s = rate_bytes_s,
        .beat_ms = UINT64_MAX,
        .tell_ms = UINT64_MAX};
    table_init(&admission->making, sizeof(struct envelope_id),
        sizeof(struct admission_waiting), ADMISSION_MAKING, seed);
}

void admission_clear(struct admission *admission)
{
    table_clear(&admission->making);
}

static uint8_t higher(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

uint8_t admission_least(const struct admission *admission, uint8_t price)
{
    return higher(admission->least, price);
}

void admission_tell(const struct admission *admission, struct turn *turn,
    uint32_t link, uint8_t price)
{
    turn_send(turn, link, FRAME_TERMS)->terms =
        (struct frame_terms){.least = admission_least(admission, price),
            .asked = admission->asked,
            .rate_bytes_s = admission->rate_bytes_s};
}

static void beat_soon(struct admission *admission, const struct turn *turn)
{
    if (admission->beat_ms == UINT64_MAX)
        admission->beat_ms = turn->now_ms + ADMISSION_RAISE_MS;
}

/* What letters need to get through here and further on. */
static uint8_t find_asked(
    const struct admission *admission, const struct turn *turn)
{
    const struct peers *peers = turn->peers;
    uint8_t first = 0, second = 0;
    for (size_t i = 0; i < peers->count; i++) {
        const struct peer *peer = &peers->list[i];
        uint8_t far = peer->asked > 0 ? (uint8_t)(peer->asked - 1) : 0;
        uint8_t says = higher(peer->least, far);
        second = higher(second, says < first ? says : first);
        first = higher(first, says);
    }
    return higher(admission->least, peers->count > 2 ? second : first);
}

void admission_heard(struct admission *admission, const struct turn *turn)
{
    admission->asked = find_asked(admission, turn);
    if (admission->asked == admission->told_asked)
        return;
    uint64_t next_ms = admission->told_ms + ADMISSION_TELL_MS;
    admission->tell_ms = next_ms > turn->now_ms ? next_ms : turn->now_ms;
}

void admission_took(
    struct admission *admission, const struct turn *turn, uint32_t bytes)
{
    admission->taken_bytes += bytes;
    beat_soon(admission, turn);
}

void admission_no_room(struct admission *admission, const struct turn *turn)
{
    admission->no_room = true;
    beat_soon(admission, turn);
}

static bool is_pressed(
    const struct admission *admission, const struct turn *turn, bool tight)
{
    uint64_t links = turn->peers->count > 0 ? turn->peers->count : 1;
    uint64_t may_bytes = (uint64_t)admission->rate_bytes_s * links *
                         (ADMISSION_RAISE_MS / SECOND_MS);
    return tight || admission->no_room ||
           admission->taken_bytes > may_bytes / 2;
}

/* One look at the pressure, and when the next is due. */
static void beat(struct admission *admission, const struct turn *turn,
    bool tight, bool priced)
{
    if (is_pressed(admission, turn, tight)) {
        admission->eased_ms = turn->now_ms;
        if (admission->least < ADMISSION_LEAST_MOST)
            admission->least++;
    } else if (admission->least > 0 &&
               turn->now_ms - admission->eased_ms >= ADMISSION_LOWER_MS) {
        admission->eased_ms = turn->now_ms;
        admission->least--;
    }
    bool rests = admission->taken_bytes == 0 && !admission->no_room &&
                 admission->least == 0 && !tight && !priced;
    admission->taken_bytes = 0;
    admission->no_room = false;
    admission->beat_ms = rests ? UINT64_MAX : turn->now_ms + ADMISSION_RAISE_MS;
}

bool admission_tick(struct admission *admission, struct turn *turn, bool tight,
    bool priced, bool *all)
{
    bool beats = admission->beat_ms <= turn->now_ms;
    if (!beats && admission->tell_ms > turn->now_ms)
        return false;
    if (beats)
        beat(admission, turn, tight, priced);
    admission->asked = find_asked(admission, turn);
    *all = admission->least != admission->told_least ||
           admission->asked != admission->told_asked;
    admission->told_least = admission->least;
    admission->told_asked = admission->asked;
    admission->told_ms = turn->now_ms;
    admission->tell_ms = UINT64_MAX;
    return true;
}

uint64_t admission_deadline_ms(const struct admission *admission)
{
    return admission->beat_ms < admission->tell_ms ? admission->beat_ms
                                                   : admission->tell_ms;
}

static bool may_check(const struct admission *admission, uint64_t now_ms)
{
    return admission->checked_us < now_ms * 1000 + ADMISSION_CHECK_BURST_US *
                                                       1000000ull /
                                                       ADMISSION_CHECK_US_S;
}

bool admission_may_check(
    const struct admission *admission, const struct turn *turn)
{
    return may_check(admission, turn->now_ms);
}

void admission_checked(
    struct admission *admission, const struct turn *turn, uint32_t cost_us)
{
    admission->checked_count++;
    if (admission->checked_us < turn->now_ms * 1000)
        admission->checked_us = turn->now_ms * 1000;
    admission->checked_us += cost_us * 1000000ull / ADMISSION_CHECK_US_S;
}

uint8_t admission_quote(const struct admission *admission,
    const struct turn *turn, const struct envelope *envelope)
{
    if (admission->asked == 0 || admission->making.count == ADMISSION_MAKING)
        return 0;
    /* One more, for clocks that differ by an hour. */
    uint8_t bits = stamp_bits_for((uint8_t)(admission->asked + 1),
        envelope->class_, envelope->expires_h, turn_hour(turn));
    if (bits > admission->bits_most)
        bits = admission->bits_most;
    return bits > stamp_bits(envelope->stamp) ? bits : 0;
}

static uint8_t class_of(size_t bytes)
{
    uint8_t class_ = 0;
    while (class_ < ENVELOPE_CLASS_COUNT - 1 &&
           envelope_class_bytes(class_) < bytes)
        class_++;
    return class_;
}

uint8_t admission_price(const struct admission *admission,
    const struct turn *turn, const struct admission_worth *worth)
{
    return stamp_bits_for(admission->asked, class_of(worth->bytes),
        worth->expires_h, turn_hour(turn));
}

uint8_t admission_bid(const struct admission *admission,
    const struct turn *turn, const struct admission_worth *worth, uint8_t more)
{
    uint8_t class_ = class_of(worth->bytes);
    uint8_t value =
        stamp_value(worth->bits, class_, worth->expires_h, turn_hour(turn));
    if (value > admission->asked + more ||
        admission->making.count == ADMISSION_MAKING)
        return 0;
    uint8_t bits = stamp_bits_for((uint8_t)(admission->asked + 1 + more),
        class_, worth->expires_h, turn_hour(turn));
    if (bits > admission->bits_most)
        bits = admission->bits_most;
    return bits > worth->bits ? bits : 0;
}

void admission_make(struct admission *admission, struct turn *turn,
    const struct admission_waiting *waiting, uint8_t bits)
{
    void *out = NULL;
    if (table_add(&admission->making, &waiting->id, &out)) {
        turn->status = STATUS_NO_MEMORY; /* there was room */
        return;
    }
    *(struct admission_waiting *)out = *waiting;
    struct relay_effect *effect =
        turn_effect_on(turn, RELAY_STAMP, &waiting->id);
    effect->stamp.bits = bits;
    effect->stamp.expires_h = waiting->expires_h;
    turn_waits(turn, &waiting->id, bits);
}

bool admission_is_making(
    const struct admission *admission, const struct envelope_id *id)
{
    return table_find(&admission->making, id) != NULL;
}

bool admission_made(struct admission *admission, const struct envelope_id *id,
    struct admission_waiting *out)
{
    const struct admission_waiting *there = table_find(&admission->making, id);
    if (!there)
        return false;
    *out = *there;
    table_remove(&admission->making, id);
    return true;
}

uint64_t admission_waiting_bytes(const struct admission *admission)
{
    uint64_t bytes = 0;
    size_t cursor = 0;
    for (const struct admission_waiting *waiting;
         (waiting = table_next(&admission->making, &cursor));)
        bytes += waiting->bytes;
    return bytes;
}

size_t admission_bytes(const struct admission *admission)
{
    return table_bytes(&admission->making);
}

const char *admission_violation(
    const struct admission *admission, uint64_t now_ms)
{
    if (admission->least > ADMISSION_LEAST_MOST)
        return "more work is asked for than allowed";
    if (admission->asked < admission->least)
        return "own letters are stamped for less than is asked for";
    if (admission->least > 0 && admission->beat_ms == UINT64_MAX)
        return "the least value would never fall";
    if (admission->checked_us <= now_ms * 1000 && !may_check(admission, now_ms))
        return "no stamp is checked though there is time";
    return NULL;
}
