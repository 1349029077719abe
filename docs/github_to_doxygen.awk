# Turns a page written for GitHub into one for Doxygen, line by line, so that warnings keep their line numbers.
#
# awk -f docs/github_to_doxygen.awk "$PWD/PAGE.md", in the root of the repository
# - A heading gets a stable name, unless it has one: labs/08-fd-inheritance/README.md is the page
#   lab-08-fd-inheritance, docs/x.md the page x.
# - A link to a page, a heading, a header, the folder of labs or that of the library becomes a reference that Doxygen
#   checks; a link to a file that the site does not show keeps its text only.
# - A picture is shown from where it lies; Doxygen itself would mix up the labs' pictures, which have one name.
# - `<details>` is passed on as it is; Doxygen would close it at the first empty line.
# - Blocks of a language that Doxygen does not know are not coloured.

BEGIN { "pwd -P" | getline root }

FNR == 1 {
    folder = FILENAME
    sub(/\/[^\/]*$/, "", folder)
    page = page_of(FILENAME)
}

/^ *(```|~~~)/ {
    fenced = !fenced
    if (fenced && !/^ *(```|~~~)(cpp|c|python) *$/) sub(/(```|~~~).*/, "```{.unparsed}")
    print
    next
}

fenced {
    print
    next
}

/^##* .*[^}]$/ {
    print with_links($0) " {#" (FNR == 1 ? page : page "-" anchor_of($0)) "}"
    next
}

/^<\/?(details|summary)>/ {
    print "@htmlonly[block]" $0 "@endhtmlonly"
    next
}

{ print with_links($0) }

# The name of the page that a file becomes, or "" if it becomes none.
function page_of(file) {
    if (file ~ /\/labs$/) return "labs"
    if (file ~ /\/common\/course$/) return "course"
    if (file ~ /\/docs\/index\.md$/) return "mainpage"
    if (file ~ /\/labs\/[^\/]*\/README\.md$/) {
        sub(/\/README\.md$/, "", file)
        sub(/.*\//, "", file)
        return "lab-" file
    }
    if (file !~ /\/(docs|pages)\/[^\/]*\.md$/) return ""
    sub(/.*\//, "", file)
    sub(/\.md$/, "", file)
    return file
}

# The anchor that GitHub gives to a heading.
function anchor_of(heading,   anchor, count) {
    anchor = tolower(heading)
    sub(/^#* */, "", anchor)
    gsub(/[^a-z0-9 _-]/, "", anchor)
    gsub(/ /, "-", anchor)
    count = anchors[anchor]++
    return count ? anchor "-" count : anchor
}

# The line with each link and picture outside of code spans rewritten.
function with_links(line,   done, ticks, end, size) {
    while (match(line, /[`[!]/)) {
        done = done substr(line, 1, RSTART - 1)
        line = substr(line, RSTART)
        size = 1
        if (match(line, /^``*/)) {
            size = RLENGTH
            ticks = substr(line, 1, size)
            end = index(substr(line, size + 1), ticks)
            if (end) size = end + 2 * size - 1
            done = done substr(line, 1, size)
        } else if (match(line, /^!\[[^]]*\]\([^) ]+\)/)) {
            size = RLENGTH
            done = done picture(substr(line, 1, size))
        } else if (match(line, /^\[[^]]+\]\([^) ]+\)/)) {
            size = RLENGTH
            done = done link(substr(line, 1, size))
        } else {
            done = done substr(line, 1, 1)
        }
        line = substr(line, size + 1)
    }
    return done line
}

function picture(markdown) {
    split_link(substr(markdown, 2))
    return "<img src=\"" from_root(path_of(target_)) "\" alt=\"" text_ "\">"
}

function link(markdown,   file, fragment, name) {
    split_link(markdown)
    if (target_ ~ /^[a-z]+:/) return markdown
    file = target_
    fragment = ""
    if (match(file, /#.*/)) {
        fragment = substr(file, RSTART + 1)
        file = substr(file, 1, RSTART - 1)
    }
    file = path_of(file)
    name = target_ ~ /^#/ ? page : page_of(file)
    if (name != "") return reference(fragment == "" ? name : name "-" fragment)
    if (file ~ /\.hpp$/) return reference(from_root(file))
    return text_
}

# A reference; its text is plain, because Doxygen shows back-quotes there.
function reference(name) {
    gsub(/`/, "", text_)
    return "[" text_ "](@ref " name ")"
}

# Puts the parts of [text](target) into text_ and target_.
function split_link(markdown,   middle) {
    middle = index(markdown, "](")
    text_ = substr(markdown, 2, middle - 2)
    target_ = substr(markdown, middle + 2, length(markdown) - middle - 2)
}

# The absolute path of a target that is relative to this page.
function path_of(target,   path) {
    path = folder "/" target
    gsub(/\/\.\//, "/", path)
    sub(/\/\.?$/, "", path)
    while (sub(/\/[^\/]*\/\.\.(\/|$)/, "/", path)) {}
    sub(/\/$/, "", path)
    return path
}

function from_root(path) {
    return index(path, root "/") == 1 ? substr(path, length(root) + 2) : path
}
