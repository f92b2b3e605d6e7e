/*
 * arena.hpp - working memory that LibTorch's tensors come from while a scope lasts
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_ARENA_HPP
#define SHIM_ARENA_HPP

#include <cstddef>
#include <map>
#include <mutex>

namespace shim
{

/*
 * Pages that one explanation uses again and again. Its blocks may be freed by any thread, and even after it has been
 * closed: what a tensor still holds stays mapped until then.
 */
class Arena
{
  public:
    /* limit: the most bytes in use at a time, 0 for none. smallest: the least request that is served and counted. */
    static Arena *open(size_t limit, size_t smallest = size_t(1) << 16);
    size_t smallest() const
    {
        return smallest_;
    }
    static void close(Arena *arena);
    struct Closer {
        void operator()(Arena *arena) const
        {
            close(arena);
        }
    };

    /* The most bytes that were in use at a time; forget_peak begins anew from what is in use now. */
    size_t peak() const;
    void forget_peak();

    /* The bytes in use that a refused request would have led to; 0 when none was refused since forget_refusal. */
    size_t refused() const;
    void forget_refusal();

    size_t limit() const
    {
        return limit_;
    }

    /* Gives back what is not in use. */
    void trim();

    /* A block of at least n bytes, or nullptr when none can be had. Throws std::bad_alloc beyond the limit. */
    void *take(size_t n);
    void give_back(void *block);

    /* Lets whoever frees a block find its arena; takes it back where that fails. */
    void register_block(void *block);

    /* While it lasts, large tensors that the calling thread makes come from the arena. */
    class Scope
    {
      public:
        explicit Scope(Arena *arena);
        ~Scope();
        Scope(const Scope &) = delete;
        Scope &operator=(const Scope &) = delete;

      private:
        Arena *earlier_;
    };

  private:
    struct Block {
        size_t size;
        bool used;
    };
    using Blocks = std::map<char *, Block>;

    Arena(size_t limit, size_t smallest);
    Blocks::iterator best_fit(size_t size);
    Blocks::iterator map_block(size_t size);
    void split(Blocks::iterator block, size_t size);
    Blocks::iterator merge(Blocks::iterator block);
    void unmap_free(size_t most_mapped);

    mutable std::mutex lock_;
    Blocks blocks_; /* by address; neighbours that touch and are free are one */
    const size_t limit_, smallest_;
    size_t mapped_ = 0, used_ = 0, peak_ = 0, refused_ = 0;
    bool closed_ = false;
};

} // namespace shim

#endif
