/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/endpoint.h"
#include "tests/fuzz/fuzz.h"

/* What is taken apart is put together the same, but for the key's case. */
static void parse(struct span text)
{
    struct endpoint endpoint;
    char out[ENDPOINT_TEXT_BYTES];
    if (endpoint_parse(text, &endpoint) || !endpoint.has_key ||
        !endpoint.address[0])
        return;
    endpoint_print(endpoint.address, &endpoint.key, out);
    fuzz_claim(strlen(out) == text.size);
    fuzz_claim(memcmp(out, text.data, strlen(endpoint.address) + 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct endpoint_host dialled, listened;
    struct span text = {data, size};
    enum endpoint_kind dial = endpoint_read(text, false, &dialled);
    enum endpoint_kind listen = endpoint_read(text, true, &listened);
    /* Listening takes what dialling takes, and more. */
    fuzz_claim(dial <= ENDPOINT_BAD_ONION || dial == listen);
    fuzz_claim(dial <= ENDPOINT_BAD_ONION || dialled.port > 0);
    fuzz_claim(strlen(dialled.scope) <= ENDPOINT_SCOPE_CHARS);
    parse(text);
    return 0;
}
