// The files in page/, embedded when the course is built.
#pragma once

namespace course::reports {

/// The frame, with `{{css}}`, `{{data}}` and `{{js}}` where the parts go.
extern const char* const page_html;
/// The look.
extern const char* const page_css;
/// The script that shows the data.
extern const char* const page_js;

}  // namespace course::reports
