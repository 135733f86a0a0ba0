/*
 * resolve.h - from what the files say to what is in force
 */
#ifndef CHATRELAY_CONFIG_RESOLVE_H
#define CHATRELAY_CONFIG_RESOLVE_H

#include "config/config.h"
#include "config/document.h"

/*
 * Fill the zeroed `config` from config->document: the last of several entries,
 * [defaults], the table's defaults. What is missing is told as a problem. With an
 * error among them, the config is fit for config_clear() only.
 */
void resolve(struct config *config, struct config_problems *problems);

/* The struct of config.h that a section became; NULL for [defaults]. */
void *resolve_target(struct config *config, const struct document_section *section);

#endif
