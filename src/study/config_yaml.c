/* YAML into a tree, through libfyaml's stream of events.
 *
 * The events, not libfyaml's documents, because they resolve nothing: no alias, no merge, no tag can change what the
 * file visibly says, and nesting costs no stack. What libfyaml lets pass is refused here: NUL and control bytes, text
 * that is not UTF-8 (it ends a scalar silently), a second document, anchors, aliases, merge keys, tags, repeated keys.
 * Its own complaints are collected by its diagnostic object, which has nowhere to print. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <libfyaml.h>
#include <string.h>

enum {
    LARGEST_FILE = 1 << 20, /* bytes; a config is a page, and everything below is at most quadratic in a page */
    DEEPEST = 16,           /* nested lists and mappings; a valid config has 4 */
    MOST_KEYS = 1000,       /* in one mapping */
    MOST_ITEMS = 10000      /* in one list */
};

/* Bytes of the UTF-8 character at s (at most `left` bytes long), 0 when it is none (or not the shortest form). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    static const unsigned smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80             ? 1
                    : (s[0] & 0xE0) == 0xC0 ? 2
                    : (s[0] & 0xF0) == 0xE0 ? 3
                    : (s[0] & 0xF8) == 0xF0 ? 4
                                            : 0;
    if (length == 0 || length > left) return 0;
    if (length == 1) return 1;
    unsigned code = s[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
        code = code << 6 | (s[i] & 0x3Fu);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < smallest[length] || surrogate || code > 0x10FFFF ? 0 : length;
}

static bool is_control(const unsigned char *s, size_t length)
{
    if (length == 1) return (s[0] < 0x20 && s[0] != '\n' && s[0] != '\r' && s[0] != '\t') || s[0] == 0x7F;
    if (length == 2) return s[0] == 0xC2 && s[1] < 0xA0; /* C1, with the next-line character */
    return length == 3 && s[0] == 0xE2 && s[1] == 0x80 &&
           (s[2] == 0xA8 || s[2] == 0xA9); /* line, paragraph separator */
}

/* Columns count characters, as libfyaml's do. */
scl_status scl_reader_check_bytes(const scl_reader *reader, size_t set, const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    scl_place place = {set, 1, 1};
    size_t i = length >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* a byte order mark is no column */
    while (i < length) {
        size_t character = utf8_length(s + i, length - i);
        if (s[i] == '\0') return scl_reader_fail(reader, place, NULL, "text", NULL, "a NUL byte");
        if (character == 0)
            return scl_reader_fail(reader, place, NULL, "UTF-8 text", NULL, "byte 0x%02x is not UTF-8", s[i]);
        if (is_control(s + i, character))
            return scl_reader_fail(reader, place, NULL, "text, tabs and line ends", NULL, "a control character");
        place.column++;
        if (s[i] == '\n') place = (scl_place){set, place.line + 1, 1};
        i += character;
    }
    return SCL_OK;
}

/* The state of building: the open lists and mappings, and the key that waits for its value. */
typedef struct builder {
    scl_reader *reader;
    size_t set;
    size_t open[DEEPEST + 1]; /* open[0] = 0: outside of everything */
    size_t depth;
    bool key_waits;
    size_t key, key_line, key_column;
    scl_place last; /* of the last token that had a position */
    size_t root;
    size_t documents;
} builder;

/* Where a token begins; where the last one began when it has no text. A quoted scalar is marked behind its quote. */
static scl_place place_of(builder *b, struct fy_token *token)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    if (!mark) return b->last;
    enum fy_scalar_style style = fy_token_scalar_style(token);
    bool quoted = (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && mark->column > 0;
    b->last = (scl_place){b->set, (size_t)mark->line + 1, (size_t)mark->column + (quoted ? 0 : 1)};
    return b->last;
}

static scl_status refuse_decoration(builder *b, struct fy_token *anchor, struct fy_token *tag)
{
    if (anchor)
        return scl_reader_fail(b->reader, place_of(b, anchor), NULL, "every value written out", NULL, "an anchor (&)");
    if (tag) return scl_reader_fail(b->reader, place_of(b, tag), NULL, "values without tags", NULL, "a tag (!)");
    return SCL_OK;
}

static scl_status take_text(builder *b, struct fy_token *token, scl_place place, size_t *offset)
{
    size_t length = 0;
    const char *text = fy_token_get_text(token, &length);
    if (!text) length = 0;
    if (length > 0 && memchr(text, '\0', length))
        return scl_reader_fail(b->reader, place, NULL, "text", NULL, "a NUL character");
    return scl_tree_add_text(&b->reader->tree, text, length, offset, b->reader->err);
}

static scl_status take_key(builder *b, struct fy_token *token)
{
    scl_tree *tree = &b->reader->tree;
    size_t mapping = b->open[b->depth];
    scl_place place = place_of(b, token);
    scl_status status = take_text(b, token, place, &b->key);
    if (status != SCL_OK) return status;
    const char *key = tree->texts + b->key;
    char shown[SCL_CLIP_CHARS];
    if (key[0] == '\0') return scl_reader_fail(b->reader, place, NULL, NULL, NULL, "an empty key follows");
    if (strcmp(key, "<<") == 0)
        return scl_reader_fail(b->reader, place, NULL, "every key written out", NULL, "a merge key (<<)");
    size_t twin = scl_tree_child(tree, mapping, key);
    if (twin) {
        const scl_node *first = &tree->nodes[twin];
        return scl_reader_fail(b->reader, place, scl_clip(shown, key), "each key once", NULL,
                               "repeated, first at %zu:%zu", first->key_line, first->key_column);
    }
    if (tree->nodes[mapping].n_children >= MOST_KEYS)
        return scl_reader_fail(b->reader, place, scl_clip(shown, key), NULL, NULL, "more than %d keys in one mapping",
                               MOST_KEYS);
    b->key_waits = true;
    b->key_line = place.line;
    b->key_column = place.column;
    return SCL_OK;
}

/* Adds a value below the innermost open node; opens it when it is a list or mapping. */
static scl_status take_value(builder *b, scl_node_kind kind, struct fy_token *token)
{
    scl_tree *tree = &b->reader->tree;
    size_t above = b->open[b->depth];
    bool in_mapping = above && tree->nodes[above].kind == SCL_NODE_MAPPING;
    if (in_mapping && !b->key_waits) { /* a key */
        if (kind == SCL_NODE_SCALAR) return take_key(b, token);
        return scl_reader_fail(b->reader, place_of(b, token), NULL, "text", NULL, "a key that is a list or mapping");
    }
    if (in_mapping) b->last = (scl_place){b->set, b->key_line, b->key_column}; /* where an empty value is said to be */
    scl_place place = place_of(b, token);
    if (above && tree->nodes[above].n_children >= MOST_ITEMS)
        return scl_reader_fail(b->reader, place, NULL, NULL, NULL, "more than %d items in one list", MOST_ITEMS);
    scl_node node = {.kind = kind, .set = b->set, .line = place.line, .column = place.column};
    scl_status status = SCL_OK;
    if (kind == SCL_NODE_SCALAR) {
        node.plain = fy_token_scalar_style(token) == FYSS_PLAIN;
        status = take_text(b, token, place, &node.text);
    } else {
        status = scl_tree_add_text(tree, "", 0, &node.text, b->reader->err);
    }
    if (status != SCL_OK) return status;
    node.key = node.text;
    if (in_mapping) {
        node.key = b->key;
        node.key_line = b->key_line;
        node.key_column = b->key_column;
    }
    b->key_waits = false;
    size_t index = 0;
    status = scl_tree_add(tree, &node, above, &index, b->reader->err);
    if (status != SCL_OK) return status;
    if (!above) b->root = index;
    if (kind == SCL_NODE_SCALAR) return SCL_OK;
    if (b->depth == DEEPEST)
        return scl_reader_fail(b->reader, place, NULL, NULL, NULL, "lists and mappings nested more than %d deep",
                               DEEPEST);
    b->open[++b->depth] = index;
    return SCL_OK;
}

static scl_status second_document(builder *b, scl_place place)
{
    return scl_reader_fail(b->reader, place, NULL, "one document", NULL, "a second document");
}

static scl_status take_event(builder *b, struct fy_event *event)
{
    scl_status status = SCL_OK;
    if (b->documents == 2 && event->type != FYET_DOCUMENT_END) { /* it began without a mark: complain at its text */
        struct fy_token *token = event->type == FYET_SCALAR           ? event->scalar.value
                                 : event->type == FYET_MAPPING_START  ? event->mapping_start.mapping_start
                                 : event->type == FYET_SEQUENCE_START ? event->sequence_start.sequence_start
                                                                      : NULL;
        return second_document(b, place_of(b, token));
    }
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (++b->documents == 2 && event->document_start.document_start)
            status = second_document(b, place_of(b, event->document_start.document_start));
        return status;
    case FYET_ALIAS:
        return scl_reader_fail(b->reader, place_of(b, event->alias.anchor), NULL, "every value written out", NULL,
                               "an alias (*)");
    case FYET_SCALAR:
        status = refuse_decoration(b, event->scalar.anchor, event->scalar.tag);
        return status != SCL_OK ? status : take_value(b, SCL_NODE_SCALAR, event->scalar.value);
    case FYET_SEQUENCE_START:
        status = refuse_decoration(b, event->sequence_start.anchor, event->sequence_start.tag);
        return status != SCL_OK ? status : take_value(b, SCL_NODE_LIST, event->sequence_start.sequence_start);
    case FYET_MAPPING_START:
        status = refuse_decoration(b, event->mapping_start.anchor, event->mapping_start.tag);
        return status != SCL_OK ? status : take_value(b, SCL_NODE_MAPPING, event->mapping_start.mapping_start);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        b->depth--;
        return SCL_OK;
    default: /* the stream's ends and the document's end carry nothing */
        return SCL_OK;
    }
}

/* The first error that libfyaml collected. */
static scl_status syntax_error(builder *b, struct fy_diag *diag)
{
    void *iterator = NULL;
    struct fy_diag_error *error = NULL;
    while ((error = fy_diag_errors_iterate(diag, &iterator)) != NULL) {
        if (error->type < FYET_ERROR) continue;
        scl_place place = b->last;
        if (error->line > 0 && error->column > 0)
            place = (scl_place){b->set, (size_t)error->line, (size_t)error->column};
        char message[SCL_CLIP_CHARS];
        bool colon = strstr(error->msg, "nested block mapping on the same line") != NULL;
        return scl_reader_fail(b->reader, place, NULL, NULL, NULL, "not valid YAML: %s%s",
                               scl_clip(message, error->msg),
                               colon ? " (a text that contains \": \" must stand in quotes)" : "");
    }
    return scl_reader_fail(b->reader, b->last, NULL, NULL, NULL, "not valid YAML");
}

static scl_status take_events(builder *b, struct fy_parser *parser, struct fy_diag *diag)
{
    for (;;) {
        struct fy_event *event = fy_parser_parse(parser);
        if (!event) break;
        bool end = event->type == FYET_STREAM_END;
        scl_status status = take_event(b, event);
        fy_parser_event_free(parser, event);
        if (status != SCL_OK) return status;
        if (end) break;
    }
    return fy_parser_get_stream_error(parser) || fy_diag_got_error(diag) ? syntax_error(b, diag) : SCL_OK;
}

static scl_status parse_events(builder *b, const char *text, size_t length)
{
    scl_status status = SCL_OK;
    struct fy_diag_cfg quiet;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    quiet.output_fn = NULL;
    quiet.colorize = false;
    struct fy_parser *parser = NULL;
    struct fy_diag *diag = fy_diag_create(&quiet);
    if (diag) {
        fy_diag_set_collect_errors(diag, true);
        struct fy_parse_cfg settings = {
            .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = diag};
        parser = fy_parser_create(&settings);
    }
    if (!parser || fy_parser_set_string(parser, text, length) != 0) {
        status = scl_error_set(b->reader->err, SCL_ERR_MEMORY, "out of memory: the YAML parser cannot be made");
    } else {
        status = take_events(b, parser, diag);
    }
    if (parser) fy_parser_destroy(parser);
    if (diag) fy_diag_destroy(diag);
    return status;
}

scl_status scl_reader_parse(scl_reader *reader, size_t set, const char *text, size_t length, size_t *root)
{
    *root = 0;
    builder b = {.reader = reader, .set = set, .last = {set, 1, 1}};
    if (length > LARGEST_FILE)
        return scl_reader_fail(reader, b.last, NULL, "at most 1 MB", NULL, "%zu bytes are no config", length);
    scl_status status = scl_reader_check_bytes(reader, set, text, length);
    if (status == SCL_OK) status = parse_events(&b, text, length);
    if (status != SCL_OK) return status;
    if (!b.root && set) {
        scl_node empty = {.kind = SCL_NODE_SCALAR, .plain = true, .set = set, .line = 1, .column = 1};
        status = scl_tree_add_text(&reader->tree, "", 0, &empty.text, reader->err);
        empty.key = empty.text;
        if (status == SCL_OK) status = scl_tree_add(&reader->tree, &empty, 0, &b.root, reader->err);
    }
    *root = b.root;
    return status;
}
