# Gives Doxygen the title of a header: the comment that the file begins with.
#
# awk -f docs/title_of_header.awk "$PWD/FILE.hpp", in the root of the repository
BEGIN { "pwd -P" | getline root }

FNR == 1 && /^\/\/ / {
    title = 1
    sub(/^\/\/ /, "/// \\file " substr(FILENAME, length(root) + 2) " \\brief ")
}

!/^\/\// { title = 0 }

title { sub(/^\/\/( |$)/, "/// ") }

{ print }
