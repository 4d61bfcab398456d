#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <zmq.h>
