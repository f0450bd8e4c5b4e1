// GNU readline for Swift: its functions as they are, its global variables through accessors.
//
// Swift 6 refuses to touch a C global that may change; a function that does is a sentence of its
// own. <stdio.h> comes first because readline's headers use FILE without saying where from.

#ifndef NETSCRIPT_CREADLINE_SHIM_H
#define NETSCRIPT_CREADLINE_SHIM_H

#include <stdio.h>

#include <readline/history.h>
#include <readline/readline.h>

// Before the first line is read.

static inline void readline_set_name(const char *name) { rl_readline_name = name; }

/// Signals, the size of the terminal and the environment are left to whoever calls.
static inline void readline_leave_signals_alone(void) {
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_change_environment = 0;
}

/// The terminal is left as it is after each line; `rl_deprep_terminal` restores it.
static inline void readline_manage_terminal(rl_vintfunc_t *prepare) {
  rl_prep_term_function = prepare;
  rl_deprep_term_function = NULL;
}

static inline void readline_prepare_terminal(void) { rl_prep_term_function(1); }

/// Where octets come from.
static inline void readline_set_getc(rl_getc_func_t *getc) { rl_getc_function = getc; }

static inline void readline_write_to_errors(void) { rl_outstream = stderr; }

static inline void readline_set_redisplay(rl_voidfunc_t *redisplay) {
  rl_redisplay_function = redisplay;
}

// The line that is being edited.

static inline const char *readline_line(void) { return rl_line_buffer; }
static inline int readline_length(void) { return rl_end; }
static inline int readline_point(void) { return rl_point; }
static inline void readline_go_to_end(void) { rl_point = rl_end; }
/// The line is done, whatever it says.
static inline void readline_finish(void) { rl_done = 1; }
static inline void readline_flush(void) { fflush(rl_outstream); }
static inline void readline_write(const char *text) { fputs(text, rl_outstream); }

/// Emacs's keys, or vi's.
static inline int readline_editing_mode(void) { return rl_editing_mode; }
static inline void readline_set_editing_mode(int mode) {
  if (rl_editing_mode != mode) mode ? rl_emacs_editing_mode(1, 0) : rl_vi_editing_mode(1, 0);
  rl_insert_mode = 1;
}

static inline int readline_is_in_search(void) { return RL_ISSTATE(RL_STATE_ISEARCH) != 0; }
static inline int readline_is_in_macro(void) { return RL_ISSTATE(RL_STATE_MACROINPUT) != 0; }

// Completion.

static inline void readline_set_completion(
    rl_completion_func_t *complete, rl_compdisp_func_t *list, const char *breaks) {
  rl_attempted_completion_function = complete;
  rl_completion_display_matches_hook = list;
  rl_completer_word_break_characters = breaks;
  rl_completer_quote_characters = "";
  rl_basic_quote_characters = "";
  rl_ignore_completion_duplicates = 0;
}

/// Nothing else is tried, and nothing is appended: a match ends as it should.
static inline void readline_end_completion(void) {
  rl_attempted_completion_over = 1;
  rl_completion_suppress_append = 1;
  rl_sort_completion_matches = 0;
}

static inline int readline_asks_beyond(void) { return rl_completion_query_items; }

#endif
