/*
 * claims.hpp - claims of a program in C++, each a function that returns unless its claim is broken
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CLAIMS_HPP
#define CLAIMS_HPP

#include <cstdio>
#include <exception>
#include <string>

struct broken_claim {
    int line;
    std::string what;
};

#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            throw broken_claim{__LINE__, #condition};                                                                  \
    } while (0)
#define CLAIM(own, name) (own).claim(#name, name)

class Claims
{
  public:
    explicit Claims(const char *suite) : suite_(suite)
    {
    }
    void claim(const char *name, void (*test)())
    {
        try {
            test();
            passed_++;
            return;
        } catch (const broken_claim &broken) {
            std::printf("FAILED: %s: %s: line %d: %s\n", suite_, name, broken.line, broken.what.c_str());
        } catch (const std::exception &problem) {
            std::printf("FAILED: %s: %s: %s\n", suite_, name, problem.what());
        }
        failed_++;
    }
    /* Says how many were kept; the exit status. */
    int close() const
    {
        std::printf("%s: %d passed, %d failed\n", suite_, passed_, failed_);
        return failed_ == 0 ? 0 : 1;
    }

  private:
    const char *suite_;
    int passed_ = 0, failed_ = 0;
};

#endif
