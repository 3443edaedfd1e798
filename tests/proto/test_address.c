/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/address.h"

#include <string.h>

#include "tests/tap.h"

static bool reads(const char *text, const char *as)
{
    struct address address;
    char again[LIMIT_ENDPOINT_BYTES + 1];
    if (address_parse(span_of_text(text), &address))
        return as == NULL;
    address_print(&address, again);
    return as && strcmp(again, as) == 0;
}

static void test_text(void)
{
    ok(reads("tcp://192.0.2.7:7311", "tcp://192.0.2.7:7311") &&
            reads("tcp://0.0.0.0:1", "tcp://0.0.0.0:1") &&
            reads("tcp://255.255.255.255:65535", "tcp://255.255.255.255:65535"),
        "IPv4 comes back as it was");
    ok(reads("tcp://[::1]:80", "tcp://[0:0:0:0:0:0:0:1]:80") &&
            reads("tcp://[::]:80", "tcp://[0:0:0:0:0:0:0:0]:80") &&
            reads("tcp://[2001:DB8::5:6]:80",
                "tcp://[2001:db8:0:0:0:0:5:6]:80") &&
            reads("tcp://[1:2:3:4:5:6:7:8]:80", "tcp://[1:2:3:4:5:6:7:8]:80") &&
            reads("tcp://[1::]:80", "tcp://[1:0:0:0:0:0:0:0]:80"),
        "IPv6 in any of its forms");
    ok(reads("tcp://[::ffff:1.2.3.4]:1", "tcp://1.2.3.4:1"),
        "an IPv4 address in IPv6 clothes is undressed");
    ok(reads("tcp://[fe80::1%eth0]:1", NULL) && reads("tcp://*:1", NULL) &&
            reads("tcp://localhost:1", NULL) && reads("tcp://1.2.3.4:0", NULL),
        "a scope, a name and no port are refused");
}

static enum address_scope scope(const char *text)
{
    struct address address;
    need(address_parse(span_of_text(text), &address) == STATUS_OK);
    return address_scope(&address);
}

static void test_scopes(void)
{
    ok(scope("tcp://127.0.0.1:1") == ADDRESS_LOOPBACK &&
            scope("tcp://127.255.0.9:1") == ADDRESS_LOOPBACK &&
            scope("tcp://[::1]:1") == ADDRESS_LOOPBACK,
        "this machine's own addresses are known");
    ok(scope("tcp://10.1.2.3:1") == ADDRESS_PRIVATE &&
            scope("tcp://172.16.0.1:1") == ADDRESS_PRIVATE &&
            scope("tcp://172.31.255.1:1") == ADDRESS_PRIVATE &&
            scope("tcp://192.168.1.1:1") == ADDRESS_PRIVATE &&
            scope("tcp://100.64.0.1:1") == ADDRESS_PRIVATE &&
            scope("tcp://[fd00::1]:1") == ADDRESS_PRIVATE,
        "so are a site's");
    ok(scope("tcp://172.32.0.1:1") == ADDRESS_PUBLIC &&
            scope("tcp://11.0.0.1:1") == ADDRESS_PUBLIC &&
            scope("tcp://100.128.0.1:1") == ADDRESS_PUBLIC &&
            scope("tcp://[2001:db8::1]:1") == ADDRESS_PUBLIC &&
            scope("tcp://223.255.255.1:1") == ADDRESS_PUBLIC,
        "and what is neither");
    ok(scope("tcp://0.0.0.0:1") == ADDRESS_NOWHERE &&
            scope("tcp://224.0.0.1:1") == ADDRESS_NOWHERE &&
            scope("tcp://255.255.255.255:1") == ADDRESS_NOWHERE &&
            scope("tcp://169.254.169.254:1") == ADDRESS_NOWHERE &&
            scope("tcp://[::]:1") == ADDRESS_NOWHERE &&
            scope("tcp://[fe80::1]:1") == ADDRESS_NOWHERE &&
            scope("tcp://[ff02::1]:1") == ADDRESS_NOWHERE,
        "what is nobody's, everybody's or one wire's is nowhere");
    ok(scope("tcp://[::7f00:1]:1") == ADDRESS_NOWHERE &&
            scope("tcp://[64:ff9b::7f00:1]:1") == ADDRESS_NOWHERE &&
            scope("tcp://[2002:7f00:1::]:1") == ADDRESS_NOWHERE &&
            scope("tcp://[2001:0:7f00:1::]:1") == ADDRESS_NOWHERE,
        "so is an IPv4 address inside another");
    ok(scope("tcp://[::ffff:127.0.0.1]:1") == ADDRESS_LOOPBACK,
        "but for the one form that is read as what it is");
}

static void test_comparing(void)
{
    struct address a, b, c, d;
    need(address_parse(span_of_text("tcp://203.0.113.5:1"), &a) == STATUS_OK);
    need(address_parse(span_of_text("tcp://203.0.113.9:1"), &b) == STATUS_OK);
    need(address_parse(span_of_text("tcp://203.0.112.5:1"), &c) == STATUS_OK);
    need(address_parse(span_of_text("tcp://203.0.113.5:2"), &d) == STATUS_OK);
    ok(address_subnet(&a) == address_subnet(&b) &&
            address_subnet(&a) != address_subnet(&c),
        "an IPv4 network is a /24");
    ok(address_same_host(&a, &d) && !address_equal(&a, &d) &&
            !address_same_host(&a, &b) && !address_equal(&a, &b) &&
            address_equal(&a, &a),
        "hosts and ports are told apart");
    need(address_parse(span_of_text("tcp://[2001:db8:1:2::3]:1"), &a) ==
         STATUS_OK);
    need(address_parse(span_of_text("tcp://[2001:db8:1:9::4]:1"), &b) ==
         STATUS_OK);
    need(address_parse(span_of_text("tcp://[2001:db8:2:2::3]:1"), &c) ==
         STATUS_OK);
    ok(address_subnet(&a) == address_subnet(&b) &&
            address_subnet(&a) != address_subnet(&c),
        "an IPv6 network is a /48");
}

int main(void)
{
    test_text();
    test_scopes();
    test_comparing();
    return tap_done();
}
