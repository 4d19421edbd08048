/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The file of a trace. Numbers are little endian.
 *
 * A struct trace_file_header, then records to the end of the file. The last one is an end, if
 * the run has ended in order. A record is
 *
 *     token     8 bits: TRACE_TOKEN_*, maybe with TRACE_TOKEN_TIME
 *     slot      16 bits, if TRACE_TOKEN_AGAIN or TRACE_TOKEN_NEW: its number
 *     time      varint, if TRACE_TOKEN_TIME: how much later than the record before, in nanoseconds
 *     size      varint, if TRACE_TOKEN_NEW or TRACE_TOKEN_BIG: how many bytes its contents have
 *     contents  the same number of bytes
 *
 * Contents of at most TRACE_SLOT_BYTES go into their slot as well; TRACE_TOKEN_AGAIN stands for
 * what is there. The writer chooses slots by a hash of the contents, the reader need not know how.
 * A varint has seven bits a byte, the lowest first; all bytes but its last have their top bit set.
 *
 * Most often a slot is followed by the one that followed it the last time (slot 0 before there was
 * one; slot 0 is also what the first record follows). Such records have tokens of their own:
 *
 *     1 .. TRACE_RUN_MAX     so many records, none later than the record before
 *     TRACE_TOKEN_SOON       one that is later, and as many as its field TRACE_SOON_RUN says
 *                            that are not: the token's other bits and the next byte are the
 *                            nanoseconds, the higher bits first
 *     TRACE_TOKEN_EXPECTED   one that is later than these can say
 *
 * Contents begin with a struct trace_record. What follows, in multiples of four bytes:
 *
 *   call            the arguments as describe.h has them, TRACE_IN of them. OP is the hypercall,
 *                   NUMBER its suboperation, or TRACE_NO_NUMBER. OP is TRACE_OP_INVALID if it is
 *                   not below TRACE_OPS: then it comes first, in 32 bits.
 *   return          the result in 64 bits, then TRACE_OUT of the arguments, unless the result is
 *                   negative. OP and NUMBER as at the call.
 *   event           OP is the enum hypervisor_event_kind; 32 bits of its value. For
 *                   HYPERVISOR_EVENT_CREATED the domain's name follows.
 *   console         OP is 1 for what is not of the console proper; the bytes
 *   XenStore        OP is 1 for a message to the connection, a struct xsd_sockmsg, its data
 *   end             64 bits: how many records there are, without this one
 *
 * An argument is
 *   TRACE_REGISTER  64 bits
 *   TRACE_STRUCT    the struct, then its lists
 *   TRACE_ARRAY, TRACE_TRAPS   32 bits each of how many there are, and how many follow; those, as
 *                   TRACE_STRUCT
 *   TRACE_TEXT      32 bits each of how many bytes there are, and how many follow; those
 * and a list 32 bits each of how many there are, and how many follow; those. What could not be read
 * of an argument but a register has the argument's bit in UNREADABLE, and its address in 64 bits in
 * its place. Whatever has not only bits for TRACE_IN (or TRACE_OUT) is left out.
 *
 * FILE.times has a struct trace_times_header, then pairs of varints, each a difference to the pair
 * before: a number of records, and the nanoseconds since the start at which there were as many.
 */
#ifndef SIM_TRACE_FORMAT_H
#define SIM_TRACE_FORMAT_H

#include <stdint.h>

#define TRACE_MAGIC       "halvmtrc"
#define TRACE_TIMES_MAGIC "halvmtms"
#define TRACE_VERSION     2U

#define TRACE_VIRTUAL 1U /* a flag: the times are of a virtual clock */

struct trace_file_header {
    char magic[8];
    uint16_t version, flags;
    uint32_t layout; /* trace_layout() */
    uint64_t seed;
};

struct trace_times_header {
    char magic[8];
    uint16_t version, unused[3];
    uint64_t start; /* nanoseconds since 1970-01-01 00:00 UTC */
};

#define TRACE_RUN_MAX        0x7fU
#define TRACE_TOKEN_SOON     0x80U
#define TRACE_SOON_RUN       0x08U /* a field of three bits */
#define TRACE_SOON_RUN_MAX   7U
#define TRACE_SOON_MAX       0x7ffU
#define TRACE_TOKEN_EXPECTED 0xc0U
#define TRACE_TOKEN_AGAIN    0xc2U /* what the slot has */
#define TRACE_TOKEN_NEW      0xc4U /* contents, for the slot */
#define TRACE_TOKEN_BIG      0xc6U /* contents for no slot */
#define TRACE_TOKEN_TIME     1U
#define TRACE_SLOTS          1024U
#define TRACE_SLOT_BYTES     56U

/* No record is longer; XenStore's payload is up to 4096 bytes. */
#define TRACE_CONTENTS_MAX 8192U

enum trace_kind {
    TRACE_CALL_RECORD = 1,
    TRACE_RETURN_RECORD,
    TRACE_EVENT_RECORD,
    TRACE_CONSOLE_RECORD,
    TRACE_XENSTORE_RECORD,
    TRACE_END_RECORD,
};

#define TRACE_OP_INVALID 0xffU

struct trace_record {
    uint8_t kind, vcpu;
    uint16_t domid;
    uint8_t op, unreadable;
    uint16_t number;
};

/* Rounds up: contents are made of words of four bytes. */
#define TRACE_WORDS(bytes) (((bytes) + 3U) & ~3U)

#endif
