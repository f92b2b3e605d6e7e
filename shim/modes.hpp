/*
 * modes.hpp - what the host has switched on for its own LibTorch in this thread does not reach ours
 *
 * SPDX-License-Identifier: MIT
 *
 * A host may call from within torch::NoGradGuard, c10::InferenceMode or autocast. Tensors made in inference mode,
 * weights included, could never be differentiated; autocast would change the arithmetic.
 */
#ifndef SHIM_MODES_HPP
#define SHIM_MODES_HPP

#include <c10/core/InferenceMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace shim
{

/* While it lasts the calling thread is as one that has switched nothing; then it is as before. */
class Modes
{
    c10::InferenceMode inference_{false}; /* which switches autograd on, too */
    c10::impl::ExcludeDispatchKeyGuard autocast_{c10::DispatchKey::AutocastCPU};
};

} // namespace shim

#endif
