/*
 * networks.h - small TorchScript networks made on the spot, each with one peculiarity
 *
 * SPDX-License-Identifier: MIT
 *
 * Unless the list says otherwise a network is: stem (3x3 convolution, stride 2, to 8 channels), ReLU, conv (3x3, 8 to 8
 * channels), mean over space, fc (linear, 5 classes). The weights are known to the tests (network_weight), so what a
 * layer gives can be computed without the library. Whatever fails here ends the program: it is the test that is wrong.
 */
#ifndef NETWORKS_H
#define NETWORKS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum network {
    NETWORK_PLAIN,          /* also holds spare, a convolution that is never called */
    NETWORK_RECTIFIED,      /* ReLU after conv: the head is not linear */
    NETWORK_IN_PLACE,       /* the same by relu_, which overwrites what conv gave */
    NETWORK_TUPLE,          /* returns (what conv gave, logits) */
    NETWORK_LIST,           /* the same in a list */
    NETWORK_DICT,           /* the same in a dict */
    NETWORK_GREY,           /* one input channel */
    NETWORK_FIVE_CHANNELS,  /* no picture has so many */
    NETWORK_MANY_CHANNELS,  /* seventeen */
    NETWORK_FLATTEN,        /* fc reads conv's pixels one by one: only inputs of 32 x 32 fit */
    NETWORK_BRANCH,         /* conv is called where x.sum() > 0 */
    NETWORK_DECIDED,        /* conv is called where not self.training */
    NETWORK_LOOP,           /* conv is called x.size(2) / 16 times, each followed by ReLU */
    NETWORK_TWICE,          /* conv, ReLU, conv again */
    NETWORK_TWINS,          /* first, ReLU, second: one class, two sets of weights, in place of conv */
    NETWORK_RESIDUAL,       /* block: ReLU(block.conv(x) + x), called by a helper method of the root */
    NETWORK_BYSTANDER,      /* spare is called, and what it gives forgotten */
    NETWORK_STEPS,          /* only whether conv gave more than 0 is used: no gradient */
    NETWORK_PAIR,           /* pair, a module after conv, returns a tuple */
    NETWORK_NAN,            /* every logit is NaN */
    NETWORK_INFINITE,       /* every logit is infinite */
    NETWORK_STEEP,          /* where(conv > 0, sqrt(conv), 0): gradients are NaN where conv is negative */
    NETWORK_ONE_DIMENSION,  /* logits without the batch's dimension */
    NETWORK_TWO_ROWS,       /* two rows of logits for one image */
    NETWORK_INTEGER,        /* returns the class, not logits */
    NETWORK_WRITES_INPUT,   /* subtracts 0.5 from its input, in place, before all else */
    NETWORK_TRAINING,       /* saved in training mode, with batch norm (an identity in evaluation) and dropout */
    NETWORK_SILENT,         /* act: ReLU of conv, and no negative part in -fc: nothing speaks for any class */
    NETWORK_FICKLE,         /* adds 10 (40 - height) to the logit of class 0 and takes it from that of class 1 */
    NETWORK_NO_CLASSES,     /* a row of logits that has none */
    NETWORK_EMPTY,          /* crop, a module after conv that is read too, gives maps of width 0 */
    NETWORK_HALF,           /* RECTIFIED, its weights in half precision */
    NETWORK_DOUBLE,         /* RECTIFIED, its weights in double precision */
    NETWORK_WITH_DEFAULT,   /* forward(x, factor = 2.0) multiplies the logits by factor */
    NETWORK_REQUIRED,       /* the same where factor must be given */
    NETWORK_NARROW,         /* narrow, a convolution to as many channels as classes, in place of conv; then pool */
    NETWORK_CLASS_MAPS,     /* conv, then maps: a 1x1 convolution to one channel a class, whose mean is the logit */
    NETWORK_VIEW,           /* between stem and conv: x.view(1, -1), which takes only tensors with the channels first */
    NETWORK_STRIDED,        /* there: as_strided with the strides of such a tensor */
    NETWORK_HEAD_VIEW,      /* conv's channels are parted by view(1, -1) */
    NETWORK_HEAD_VIEW_AS,   /* the same by view_as */
    NETWORK_WRITES_PASSED,  /* what conv gives is added, in place, to what conv was given; that is pooled */
    NETWORK_WRITES_VIEWED,  /* the same, plus the mean of a view made before conv: all rows but the first */
    NETWORK_PASSES_LIST,    /* what conv was given is picked from a list behind it; fc reads both means */
    NETWORK_BATCH_NORM,     /* batch_norm, before conv and behind ReLU, so that it cannot be folded */
    NETWORK_LAYER_NORM,     /* layer_norm there, over the channels */
    NETWORK_GROUP_NORM,     /* group_norm there, in two groups */
    NETWORK_SINGLE_ONLY,    /* conv, a Fourier transform and back, which bf16 has not, conv, ReLU */
    NETWORK_POOL_KEEPDIM,   /* PLAIN, its mean over space taken as mean([2, 3], True) */
    NETWORK_POOL_NEGATIVE,  /* as mean([-2, -1]) */
    NETWORK_POOL_SHUFFLED,  /* as mean([-1, 2], True) */
    NETWORK_POOL_WRITTEN,   /* as mean([2, 3]), which is then doubled and halved in place */
    NETWORK_POOL_ADAPTIVE,  /* as adaptive_avg_pool2d(1) */
    NETWORK_POOL_CHECKED,   /* as mean([2, 3]), with the rank asserted before */
    NETWORK_POOL_TYPED,     /* as mean([2, 3], dtype=torch.float32) */
    NETWORK_POOL_ALL,       /* as mean([0, 2, 3]) */
    NETWORK_ROW_MEANS,      /* conv, mean over each row, ReLU, mean over the rows */
    NETWORK_QUADRANTS,      /* conv, adaptive_avg_pool2d(2), ReLU, mean */
    NETWORK_TWO_READERS,    /* fc reads the mean of conv plus the mean of its ReLU */
    NETWORK_HIDDEN,         /* conv, mean, hidden (linear, 8 to 8), ReLU, fc */
    NETWORK_TWO_LINEAR,     /* the same without ReLU */
    NETWORK_DEEP,           /* stem, ReLU, max pooling by 2, spare, ReLU, conv, ReLU */
    NETWORK_SHALLOW,        /* stem, ReLU, mean: on a blank input every pixel is alike */
    NETWORK_TIED,           /* second, ReLU, first in place of conv: one weight for both, and listed first first */
    NETWORK_ONE_ROW,        /* views the features as one row, which only one image's are */
    NETWORK_MIXING,         /* adds to conv's output its mean over all images of the batch */
    NETWORK_BARE,           /* no submodules: the mean of each channel is a logit */
    NETWORK_TALKING,        /* prints "seen" and warns "odd", before all else */
    NETWORK_FORKING,        /* the same in a task of its own (fork), which makes conv's output too */
    NETWORK_NAN_LARGE,      /* every logit is NaN where the input is higher than 40 */
    NETWORK_INFINITE_LARGE, /* infinite */
    NETWORK_NAN_WITHIN,     /* spare gives NaN, in whose place what stem gave is pooled: logits are finite */
    NETWORK_DROPPING,       /* drops half of what conv gave, in evaluation too */
    NETWORK_NOISY,          /* adds uniform noise to what conv gave */
    NETWORK_RAISING,        /* raises an error whose message is a byte that is not UTF-8 where the input is 40 high */
    NETWORK_WITHOUT_FORWARD /* a module with another method only */
} network;

enum {
    NETWORK_CHANNELS = 8,
    NETWORK_CLASSES = 5,
    NETWORK_FLATTEN_SIDE = 32
};

/*
 * The tensors of the networks, as PyTorch lays them out. The second twin has tensors of its own, which hidden and the
 * norms read too: a norm's weight is 1 + SECOND_WEIGHT from 0 on, its bias SECOND_BIAS, a batch norm's mean
 * SECOND_WEIGHT from 100 on, its variance 1 + SECOND_WEIGHT from 200 on.
 */
#define NETWORK_NORM_EPSILON 1e-5

typedef enum network_tensor {
    STEM_WEIGHT,
    STEM_BIAS,
    CONV_WEIGHT,
    CONV_BIAS,
    SECOND_WEIGHT,
    SECOND_BIAS,
    FC_WEIGHT,
    FC_BIAS
} network_tensor;

/* Number index of a tensor, in [-0.25, 0.25]. */
float network_weight(network_tensor tensor, size_t index);

/* Makes the temporary folder that the networks go to; removes it with all that is in it. */
void networks_open(void);
void networks_close(void);

/* The path of a file of that name in the folder, whether or not it exists. Borrowed until the next call. */
const char *networks_path(const char *name);

/* The path of a network, which is made when first asked for. Borrowed for good. */
const char *network_file(network which);

/* LibTorch's own number of threads, which belongs to the program around the library. */
int network_torch_threads(void);
void network_set_torch_threads(int count);

/* Where LibTorch's own random numbers begin. */
void network_seed_torch(unsigned long long seed);

#ifdef __cplusplus
}
#endif

#endif
