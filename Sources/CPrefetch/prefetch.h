// The one instruction that Swift has no word for: memory that will be wanted soon is asked for now.
//
// It changes nothing and cannot fail; where a machine has no such instruction, it is nothing.

#ifndef NETSCRIPT_CPREFETCH_PREFETCH_H
#define NETSCRIPT_CPREFETCH_PREFETCH_H

/// Asks for the lines of so many octets.
static inline __attribute__((always_inline)) void prefetch(const void *address, long octets) {
  for (long offset = 0; offset < octets; offset += 64) {
    __builtin_prefetch((const char *)address + offset, 1);
  }
}

#endif
