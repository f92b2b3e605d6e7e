/*
 * guard.hpp - nothing thrown ever leaves the shim: it becomes a status and one sentence; nor anything printed
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_GUARD_HPP
#define SHIM_GUARD_HPP

#include "error.h"
#include "modes.hpp"
#include "quiet.hpp"
#include "stay.hpp"

#include <exception>
#include <new>
#include <string>

namespace shim
{

/* A failure of our own, thrown inside the shim and turned into its status by guard. */
struct Failure : std::exception {
    cameras_status status;
    std::string text;
    Failure(cameras_status status_, std::string text_) : status(status_), text(std::move(text_))
    {
    }
    const char *what() const noexcept override
    {
        return text.c_str();
    }
};

/* What LibTorch means to say, without its call stack and its boilerplate: one line. */
std::string reason(const std::exception &error);

/*
 * For whoever tries another way after a failure: throws std::bad_alloc where memory was lacking, in whatever LibTorch
 * wrapped that, for then the failure says nothing of the network.
 */
void pass_on_lack_of_memory(const std::exception &error);

/* Runs work; whatever it throws becomes a message "<doing>: <reason>" and a status, status where it is LibTorch's. */
template <typename Work> cameras_status guard(const char *doing, cameras_status status, Work work) noexcept
{
    try {
        const Hold hold; /* the log is told outside, when all that follows has ended */
        const Stay stay;
        const Quiet quiet;
        const Modes modes;
        work();
        return CAMERAS_OK;
    } catch (const Failure &failure) {
        return cam_fail(failure.status, "%s: %s", doing, failure.what());
    } catch (const std::bad_alloc &) {
        return cam_fail(CAMERAS_ENOMEM, "%s: out of memory", doing);
    } catch (const std::exception &error) {
        try {
            return cam_fail(status, "%s: %s", doing, reason(error).c_str());
        } catch (...) {
            return cam_fail(CAMERAS_ENOMEM, "%s: out of memory", doing);
        }
    } catch (...) {
        return cam_fail(CAMERAS_EINTERNAL, "%s: an exception of unknown kind", doing);
    }
}

} // namespace shim

#endif
