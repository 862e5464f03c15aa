/* A locale with a decimal comma: an installed one, else one compiled by localedef into a folder of the test. */
#ifndef SCL_TESTS_BASE_COMMA_H
#define SCL_TESTS_BASE_COMMA_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Switches numbers to the locale; its name, NULL when there is none. LOCPATH is set when it was compiled, so that programs that the
 * test starts find it. */
static inline const char *comma_locale(const char *folder)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "ru_RU.UTF-8", "scl"};
    enum { N = sizeof names / sizeof *names };
    char command[400], half[16];
    for (size_t i = 0; i < N; i++) {
        if (i == N - 1) {
            snprintf(command, sizeof command, "mkdir -p %s && localedef -i de_DE -f ISO-8859-1 %s/%s >%s/log 2>&1",
                     folder, folder, names[i], folder);
            if (system(command) == -1) return NULL;
            setenv("LOCPATH", folder, 1);
        }
        if (!setlocale(LC_NUMERIC, names[i])) continue;
        snprintf(half, sizeof half, "%.1f", 0.5);
        if (strcmp(half, "0,5") == 0) return names[i];
    }
    unsetenv("LOCPATH");
    return NULL;
}

#endif
