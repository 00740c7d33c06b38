/*
 * The lab's outside watcher: what a plug did to the computer, seen by a program that shares no code with the agent.
 *
 * One thread (listen.c) takes the kernel's events and the lines of a log with the time of their arrival; another
 * (nodes.c) tries to read every disk that there is, all the time. Each tells the host, one JSON object a line (tell.c).
 */
#ifndef WATCHER_H
#define WATCHER_H

#include <stddef.h>

/* tell.c */
/* CLOCK_MONOTONIC, in ms. */
double now_ms(void);
/* Where everything that is told goes. */
void tell_to(int fd);
/* Sends one object: printf arguments for the inner part. Texts must have gone through quoted(). */
void tell(const char *event, double at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Writes bytes as a JSON string with its quotes; what is not plain ASCII as \u00xx. Cut where it does not fit. */
const char *quoted(char *to, size_t size, const char *bytes, size_t length);

/* listen.c */
/* Opens the kernel's event socket; from here on nothing that happens is missed. */
int open_uevents(void);
void take_uevents(int fd);

/* trail.c: lines with a text in them, in the files of a folder that grow. */
int open_trail(void);
/* Follows the files under `folder` from their present ends; lines that hold `text` are told. An empty folder stops it. */
void follow(const char *folder, const char *text);
void take_trail(int fd);

/* nodes.c */
void start_trying(char **own, int own_count);
/* A window: every node counts as untried again, and is tried until the window closes. */
void open_window(void);
/* Returns how often something was tried in the window. */
unsigned long close_window(void);
/* Something came: look at once. */
void hurry(void);

/* write.c */
void try_to_write(const char *disk, const char *generic);

#endif
