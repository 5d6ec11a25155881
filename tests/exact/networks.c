/* Together the networks have every operator, every activation and every target, batches of one, odd ones and ones that
 * the samples do not fill, products large enough to be split over threads, and every optimizer, loss and schedule. */
#include "tests/exact/prove.h"

#include "base/memory.h"

const struct network networks[] = {
    {.name = "mlp",
     .arch = "x input time=5 channels=3\n"
     "f flatten in=x\n"
     "a dense in=f units=19 act=relu\n"
     "b dense in=a units=7 act=gelu\n"
     "y dense in=b units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 1, .samples = 40, .epochs = 2, .size = 2},
    {.name = "activations",
     .arch = "x input time=6 channels=4\n"
     "a dense in=x units=17 act=none\n"
     "b conv in=a channels=17 kernel=2 act=tanh\n"
     "c dwconv in=b kernel=3 act=sigmoid\n"
     "d conv in=c channels=17 kernel=3 dilation=2 act=silu bias=0\n"
     "e act in=d kind=gelu\n"
     "g dwconv in=a kernel=2 dilation=3 act=silu\n"
     "h act in=g kind=relu\n"
     "i act in=a kind=tanh\n"
     "j act in=b kind=silu\n"
     "k act in=a kind=sigmoid\n"
     "l dense in=j units=17 act=sigmoid\n"
     "m dense in=e units=17 act=tanh\n"
     "s add in=h,i,k,l,m\n"
     "p last in=s\n"
     "y dense in=p units=1\n",
     .target = TASK_RETURN, .outputs = 1, .batch = 7, .samples = 75, .epochs = 3, .size = 3},
    {.name = "tcn",
     .arch = "x input time=24 channels=9\n"
     "a conv in=x channels=33 kernel=3 act=relu\n"
     "b conv in=a channels=33 kernel=3 dilation=2 act=gelu\n"
     "c add in=a,b\n"
     "d conv in=c channels=33 kernel=2 dilation=4 act=silu\n"
     "e add in=c,d\n"
     "p last in=e\n"
     "y dense in=p units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 33, .samples = 150, .epochs = 3, .size = 2},
    {.name = "lstm",
     .arch = "x input time=11 channels=5\n"
     "h lstm in=x units=21\n"
     "i lstm in=h units=16\n"
     "p last in=i\n"
     "y dense in=p units=3\n",
     .target = TASK_CLASS, .outputs = 3, .batch = 16, .samples = 100, .epochs = 3, .size = 2},
    {.name = "gru",
     .arch = "x input time=9 channels=5\n"
     "h gru in=x units=19\n"
     "i gru in=h units=33\n"
     "m meanpool in=i\n"
     "y dense in=m units=1\n",
     .target = TASK_RETURN, .outputs = 1, .batch = 5, .samples = 62, .epochs = 2, .size = 2},
    {.name = "transformer",
     .arch = "x input time=13 channels=7\n"
     "t timecode in=x\n"
     "d dense in=t units=24\n"
     "n1 layernorm in=d\n"
     "a1 attention in=n1 heads=3 head=8\n"
     "s1 add in=d,a1\n"
     "n2 rmsnorm in=s1\n"
     "a2 attention in=n2 heads=2 head=17 causal=0\n"
     "s2 add in=s1,a2\n"
     "n3 layernorm in=s2\n"
     "u dense in=n3 units=49 act=gelu\n"
     "v dense in=u units=24\n"
     "s3 add in=s2,v\n"
     "p last in=s3\n"
     "y dense in=p units=5\n",
     .target = TASK_CLASS, .outputs = 5, .batch = 9, .samples = 60, .epochs = 2, .size = 2},
    {.name = "pools",
     .arch = "x input time=18 channels=6\n"
     "a dwconv in=x kernel=4 act=gelu\n"
     "b dense in=a units=23 act=relu\n"
     "m maxpool in=b\n"
     "n meanpool in=b\n"
     "l last in=b\n"
     "c concat in=m,n,l\n"
     "y dense in=c units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 64, .samples = 200, .epochs = 4, .size = 4},
    {.name = "dropout",
     .arch = "x input time=4 channels=8\n"
     "a dense in=x units=40 act=relu\n"
     "d1 dropout in=a rate=0.3\n"
     "h lstm in=d1 units=10\n"
     "d2 dropout in=h rate=0.5\n"
     "p last in=d2\n"
     "y dense in=p units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 13, .samples = 90, .epochs = 4, .size = 2},
    {.name = "gates",
     .arch = "x input time=8 channels=5\n"
     "a dense in=x units=15\n"
     "g1 gate in=a kind=tanh\n"
     "g2 gate in=g1 kind=relu\n"
     "g3 gate in=a kind=gelu\n"
     "g4 gate in=g3 kind=sigmoid\n"
     "g5 gate in=g4 kind=silu\n"
     "z scale in=g5 init=0.5\n"
     "m multiply in=g2,z\n"
     "c concat in=m,a\n"
     "f flatten in=c\n"
     "y dense in=f units=1\n",
     .target = TASK_RETURN, .outputs = 1, .batch = 3, .samples = 50, .epochs = 3, .size = 2},
    {.name = "wide", /* products of more than 2^16 multiply-adds, by rows and by columns */
     .arch = "x input time=10 channels=20\n"
     "a conv in=x channels=70 kernel=3 act=relu\n"
     "f flatten in=a\n"
     "b dense in=f units=130 act=tanh\n"
     "n rmsnorm in=b\n"
     "c dense in=n units=96 act=gelu\n"
     "y dense in=c units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 40, .samples = 100, .epochs = 1, .size = 2},
    {.name = "long", /* more than one block of a sum; an output of one column */
     .arch = "x input time=40 channels=30\n"
     "f flatten in=x\n"
     "y dense in=f units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 101, .samples = 101, .epochs = 4, .size = 1},
    {.name = "attention", /* threads share the samples */
     .arch = "x input time=32 channels=12\n"
     "a attention in=x heads=4 head=16\n"
     "s add in=x,a\n"
     "n layernorm in=s\n"
     "b attention in=n heads=2 head=9 causal=0\n"
     "w dwconv in=b kernel=5 dilation=2\n"
     "m meanpool in=w\n"
     "y dense in=m units=1\n",
     .target = TASK_RETURN, .outputs = 1, .batch = 17, .samples = 40, .epochs = 2, .size = 2},
    {.name = "denormal", /* the numbers that a processor may flush to zero, made visible by large factors behind them */
     .arch = "x input time=6 channels=20\n"
     "a conv in=x channels=30 kernel=2 bias=0\n"
     "s scale in=a init=0.75\n"
     "b dense in=s units=24 bias=0\n"
     "z1 scale in=b init=1000\n"
     "z2 scale in=z1 init=1000\n"
     "z3 scale in=z2 init=1000\n"
     "z4 scale in=z3 init=1000\n"
     "z5 scale in=z4 init=1000\n"
     "z6 scale in=z5 init=1000\n"
     "z7 scale in=z6 init=1000\n"
     "z8 scale in=z7 init=1000\n"
     "z9 scale in=z8 init=1000\n"
     "z10 scale in=z9 init=1000\n"
     "z11 scale in=z10 init=1000\n"
     "z12 scale in=z11 init=1000\n"
     "r act in=z12 kind=relu\n"
     "c concat in=z12,r,s\n"
     "p last in=c\n"
     "y dense in=p units=1\n",
     .target = TASK_RETURN, .outputs = 1, .batch = 11, .samples = 44, .epochs = 2, .size = 2e-38F},
    {.name = "sgd",
     .arch = "x input time=7 channels=6\n"
     "a dense in=x units=18 act=tanh\n"
     "h gru in=a units=11\n"
     "p last in=h\n"
     "y dense in=p units=3\n",
     .target = TASK_CLASS, .outputs = 3, .batch = 19, .samples = 80, .epochs = 3, .size = 2,
     .optimizer = "sgd", .settings = "momentum 0.9\nnesterov yes\nweight_decay 0.01\nschedule cosine\nwarmup 3\nclip 0.5\n"
                 "label_smoothing 0.1\nclass_weight balanced\n"},
    {.name = "adamw",
     .arch = "x input time=7 channels=6\n"
     "a dense in=x units=18 act=tanh\n"
     "h gru in=a units=11\n"
     "p last in=h\n"
     "y dense in=p units=1\n",
     .target = TASK_RETURN, .outputs = 1, .batch = 10, .samples = 80, .epochs = 3, .size = 2,
     .optimizer = "adamw", .settings = "weight_decay 0.05\nschedule onecycle\nclip 0.25\nloss huber\nhuber_delta 0.5\n"},
    {.name = "schedules",
     .arch = "x input time=7 channels=6\n"
     "a dense in=x units=18 act=tanh\n"
     "h gru in=a units=11\n"
     "p last in=h\n"
     "y dense in=p units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 8, .samples = 80, .epochs = 3, .size = 2,
     .optimizer = "adam", .settings = "schedule step\nstep_size 1\ngamma 0.5\nmin_rate 0.003\nlabel_smoothing 0.2\nclass_weight balanced\n"},
    {.name = "linear",
     .arch = "x input time=7 channels=6\n"
     "a dense in=x units=18 act=tanh\n"
     "h gru in=a units=11\n"
     "p last in=h\n"
     "y dense in=p units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 8, .samples = 80, .epochs = 3, .size = 2,
     .optimizer = "sgd", .settings = "schedule linear\nwarmup 5\nclip 1\n"},
    {.name = "pieces", /* values of more than the 16384 numbers that one piece of work has */
     .arch = "x input time=16 channels=24\n"
     "a conv in=x channels=40 kernel=3 act=gelu\n"
     "b dwconv in=a kernel=3 dilation=2 act=silu\n"
     "n layernorm in=b\n"
     "c dense in=n units=40 act=gelu\n"
     "d act in=c kind=tanh\n"
     "e gate in=d kind=silu\n"
     "f scale in=e init=0.5\n"
     "g multiply in=f,c\n"
     "h add in=g,a\n"
     "r rmsnorm in=h\n"
     "t timecode in=r\n"
     "o dropout in=t rate=0.1\n"
     "j concat in=o,b\n"
     "l lstm in=j units=33\n"
     "u gru in=j units=33\n"
     "k add in=l,u\n"
     "m meanpool in=k\n"
     "w maxpool in=j\n"
     "q concat in=m,w\n"
     "y dense in=q units=1\n",
     .target = TASK_DIRECTION, .outputs = 1, .batch = 48, .samples = 66, .epochs = 2, .size = 2},
};
const int networks_n = ARRAY_N(networks);
