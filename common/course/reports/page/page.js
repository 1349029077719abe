// Shows the results. Every text of a student becomes a text node, so none can become a tag.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");

/** An element with attributes and children; a child that is no node becomes text. */
function make(tag, attributes, ...children) {
    return fill(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes, ...children) {
    return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    for (const child of children.flat(Infinity)) if (child !== null) node.append(child instanceof Node ? child : String(child));
    return node;
}

const verdict = (name) => make("span", { class: `verdict ${name}` }, name);
const studentLink = (name) => make("a", { href: `#student=${encodeURIComponent(name)}` }, name);
const resultOf = (student, lab) => student.labs.find((result) => result.lab === lab.name);
const scrolling = (label, node) => make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, node);

/** A table that can be sorted by any column. A column has a title, a value to sort by, and what to show. */
function sortableTable(label, columns, rows) {
    const body = make("tbody");
    const show = (list) => body.replaceChildren(...list.map((row) => make("tr", null, columns.map((column) =>
        make("td", column.class ? { class: column.class } : null, (column.show || column.value)(row))))));
    const heads = columns.map((column) => make("th", { scope: "col", class: column.class === "number" ? "number" : "" },
        make("button", { type: "button" }, column.title)));
    heads.forEach((head, i) => head.firstChild.addEventListener("click", () => {
        const upwards = head.getAttribute("aria-sort") === "descending" ||
            (head.getAttribute("aria-sort") === null && columns[i].class !== "number");
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
        const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b
            : String(a).localeCompare(String(b), undefined, { numeric: true });
        show([...rows].sort((a, b) => (upwards ? 1 : -1) * compare(columns[i].value(a), columns[i].value(b))));
    }));
    show(rows);
    return scrolling(label, make("table", null, make("thead", null, make("tr", null, heads)), body));
}

/** How many students have how many points, as bars. */
function histogram(title, scores, points) {
    const steps = Math.min(Math.max(points, 1), 10);
    const counts = new Array(steps + 1).fill(0);
    for (const score of scores) counts[points ? Math.min(steps, Math.floor((score * steps) / points)) : 0] += 1;
    const [width, height, foot] = [320, 120, 18];
    const step = width / counts.length;
    const most = Math.max(...counts, 1);
    const words = counts.map((count, i) => (count ? `${count} with ${Math.round((i * points) / steps)}` : null)).filter(Boolean);
    const bars = counts.map((count, i) => {
        const tall = ((height - foot - 16) * count) / most;
        const middle = i * step + step / 2;
        return [
            drawn("rect", { class: "bar", x: i * step + 3, y: height - foot - tall, width: step - 6, height: tall, rx: 2 }),
            count ? drawn("text", { class: "count", x: middle, y: height - foot - tall - 4, "text-anchor": "middle" }, count) : null,
            drawn("text", { x: middle, y: height - 4, "text-anchor": "middle" }, Math.round((i * points) / steps)),
        ];
    });
    return drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${words.join(", ")} points` },
        drawn("line", { class: "axis", x1: 0, x2: width, y1: height - foot, y2: height - foot }), bars);
}

/** How an item came out for each student who has a result that counts. */
function outcomes(lab, item) {
    const counts = { full: 0, lost: 0, todo: 0, none: 0 };
    for (const student of data.students) {
        const result = resultOf(student, lab);
        const one = result && result.items.find((candidate) => candidate.id === item.id);
        if (!one || !result.counts) counts.none += 1;
        else if (one.score === one.points) counts.full += 1;
        else if (one.verdict === "TODO" || one.verdict === "NOTHING") counts.todo += 1;
        else counts.lost += 1;
    }
    return counts;
}

const outcomeNames = { full: "full marks", lost: "lost points", todo: "not done", none: "not graded" };

function split(counts) {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const words = Object.entries(counts).filter(([, count]) => count).map(([kind, count]) => `${count} ${outcomeNames[kind]}`).join(", ");
    const parts = Object.entries(counts).filter(([, count]) => count).map(([kind, count]) => {
        const part = make("i", { class: kind });
        part.style.width = `${(100 * count) / all}%`;
        return part;
    });
    return make("div", { class: "split", role: "img", "aria-label": words, title: words }, parts);
}

const legend = () => make("div", { class: "legend" }, Object.entries(outcomeNames).map(([kind, words]) =>
    make("span", null, make("i", { class: kind }), words)));

const mean = (numbers) => (numbers.length ? numbers.reduce((sum, one) => sum + one, 0) / numbers.length : 0);

function overview() {
    const cards = data.labs.map((lab) => {
        const results = data.students.map((student) => resultOf(student, lab)).filter((result) => result && result.counts);
        const scores = results.map((result) => result.score);
        return make("section", { class: "card" }, make("h3", null, `${lab.name.slice(0, 2)} · ${lab.title}`),
            histogram(lab.title, scores, lab.points),
            make("p", { class: "muted" }, `mean ${mean(scores).toFixed(1)} of ${lab.points}, ` +
                `${scores.filter((score) => score === lab.points).length} of ${scores.length} with full marks`));
    });
    const verdicts = {};
    for (const student of data.students) for (const result of student.labs) verdicts[result.verdict] = (verdicts[result.verdict] || 0) + 1;
    const look = data.students.filter((student) => student.labs.some((result) => result.verdict === "TAMPER"));
    return [
        make("h2", null, "The class"),
        look.length ? make("p", { class: "hint" }, "Look at these yourself (TAMPER): ", look.map((student, i) => [i ? ", " : "", studentLink(student.student)]).flat()) : null,
        make("div", { class: "cards" }, cards),
        make("h2", null, "Results by verdict"),
        sortableTable("Results by verdict", [
            { title: "Verdict", value: (row) => row[0], show: (row) => verdict(row[0]) },
            { title: "Results", value: (row) => row[1], class: "number" },
        ], Object.entries(verdicts).sort((a, b) => b[1] - a[1])),
    ];
}

function students() {
    const labColumns = data.labs.map((lab) => ({
        title: lab.name.slice(0, 2), class: "number",
        value: (student) => { const result = resultOf(student, lab); return result && result.counts ? result.score : -1; },
        show: (student) => { const result = resultOf(student, lab); return result && result.counts ? result.score : "–"; },
    }));
    const columns = [
        { title: "Student", value: (student) => student.student, show: (student) => studentLink(student.student) },
        { title: "Score", class: "number", value: (student) => student.final_score, show: (student) => `${student.final_score}/${student.points}` },
        { title: "Verdict", value: (student) => student.verdict, show: (student) => verdict(student.verdict) },
        ...(data.labs.length > 1 ? labColumns : []),
        { title: "Why points are missing", class: "note", value: (student) => student.note },
    ];
    const place = make("div");
    const search = make("input", { type: "search", placeholder: "Name, verdict or note", "aria-label": "Show only students with this in name, verdict or note" });
    const show = () => {
        const wanted = search.value.toLowerCase();
        place.replaceChildren(sortableTable("Students", columns, data.students.filter((student) =>
            `${student.student} ${student.verdict} ${student.note}`.toLowerCase().includes(wanted))));
    };
    search.addEventListener("input", show);
    show();
    return [make("h2", null, "Students"), search, place];
}

function items() {
    const rows = data.labs.flatMap((lab) => lab.items.map((item) => {
        const counts = outcomes(lab, item);
        const graded = data.students.length - counts.none;
        return { lab, item, counts, share: graded ? Math.round((100 * counts.full) / graded) : 0 };
    }));
    return [make("h2", null, "Items"), legend(), sortableTable("Items", [
        { title: "Item", value: (row) => row.item.id },
        { title: "Heading", value: (row) => row.item.title },
        { title: "Points", class: "number", value: (row) => row.item.points },
        { title: "Full marks", class: "number", value: (row) => row.share, show: (row) => `${row.share} %` },
        { title: "Students", value: (row) => row.counts.lost, show: (row) => split(row.counts) },
    ], rows)];
}

function symptomList(cluster) {
    return make("ul", { class: "muted" }, cluster.symptoms.map((one) =>
        make("li", null, `${one.item} ${one.verdict}: ${one.case}${one.place ? ` (${one.place})` : ""}`)));
}

function clusterCard(cluster) {
    const known = cluster.mistakes.length > 0;
    const several = cluster.mistakes.length > 1;
    const hints = new Set(cluster.mistakes.map((one) => one.hint));
    const title = several ? `one of ${cluster.mistakes.length} mistakes that look the same` : known ? cluster.mistakes[0].mistake
        : cluster.error || cluster.symptoms.map((one) => `${one.item} ${one.verdict}: ${one.case}`)[0];
    return make("section", { class: "card" },
        make("h3", null, `${cluster.students.length} · ${title}`),
        make("p", { class: "muted" }, cluster.lab, known ? `, as the mutant ${cluster.mistakes.map((one) => one.mutant).join(" or ")}`
            : cluster.error ? ", does not compile" : ", like no mistake that we know"),
        several ? make("ul", null, cluster.mistakes.map((one) => make("li", null, one.mistake))) : null,
        [...hints].map((hint) => make("p", { class: "hint" }, hint)),
        cluster.error ? null : make("details", null, make("summary", null, "What they fail"), symptomList(cluster)),
        make("ul", { class: "names" }, cluster.students.map((name) => make("li", null, studentLink(name)))));
}

function mistakes() {
    const known = data.clusters.filter((cluster) => cluster.mistakes.length);
    const others = data.clusters.filter((cluster) => !cluster.mistakes.length);
    const part = (title, words, clusters) => [make("h2", null, title), make("p", { class: "muted" }, clusters.length ? words : "None."),
        make("div", { class: "cards" }, clusters.map(clusterCard))];
    return [
        ...part("Known mistakes", "These students fail what a known mistake fails, in the same place. It is a likeness, not a proof.", known),
        ...part("Others who fail alike", "The same cases with the same verdict, or the same error of the compiler.", others),
    ];
}

function alike() {
    return [make("h2", null, "Files that look alike"),
        make("p", null, "A hint for a person, and never a verdict: the share of the shorter file's own code, whatever its names and comments, " +
            "that is in the other one as well. What the starter and the solution have is not counted. A lab has few right answers."),
        data.lookAlikes.length ? sortableTable("Files that look alike", [
            { title: "Lab", value: (pair) => pair.lab },
            { title: "Student", value: (pair) => pair.first, show: (pair) => studentLink(pair.first) },
            { title: "Student", value: (pair) => pair.second, show: (pair) => studentLink(pair.second) },
            { title: "Shared", class: "number", value: (pair) => pair.shared, show: (pair) => `${Math.round(100 * pair.shared)} %` },
        ], data.lookAlikes) : make("p", { class: "muted" }, "None.")];
}

function caseDetails(one) {
    const entries = [["happened", one.summary], ["expected", one.expected], ["got", one.got], ["note", one.notes],
        ["test", one.place], ["story", one.story], ["schedule", one.schedule], ["printed", one.printed]];
    const code = new Set(["expected", "got", "story", "printed"]);
    const head = [verdict(one.verdict), ` ${one.name} (${one.score}/${one.points})`];
    if (!entries.some(([, text]) => text)) return make("p", { class: "passed" }, head);
    return make("details", null,
        make("summary", null, head),
        make("dl", null, entries.filter(([, text]) => text).flatMap(([label, text]) =>
            [make("dt", null, label), make("dd", code.has(label) ? { class: "code" } : null, text)])));
}

function difference(lines) {
    const kinds = { "+": "added", "-": "removed", "~": "skipped" };
    return make("pre", { class: "diff", tabindex: 0, role: "region", "aria-label": "Difference to the starter" }, lines.map(([kind, text]) =>
        make("span", kinds[kind] ? { class: kinds[kind] } : null, kind === "~" ? `… ${text} lines as in the starter` : `${kind} ${text}`)));
}

function labDetails(result) {
    return [
        make("h3", null, `${result.lab} · ${result.score}/${result.points} `, verdict(result.verdict)),
        result.messages ? make("pre", { tabindex: 0, role: "region", "aria-label": "What the compiler says" }, result.messages) : null,
        ...result.items.filter((item) => item.cases.length).flatMap((item) => [
            make("p", null, make("b", null, item.id), ` ${item.title} · ${item.score}/${item.points} `, verdict(item.verdict)),
            item.hint ? make("p", { class: "hint" }, item.hint) : null,
            ...item.cases.map(caseDetails),
        ]),
        result.diff ? make("details", null, make("summary", null, "What was changed in the starter"), difference(result.diff)) : null,
    ].filter(Boolean);
}

function oneStudent(name) {
    const student = data.students.find((candidate) => candidate.student === name);
    if (!student) return [make("p", null, `There is no student ${name}.`)];
    const like = data.clusters.filter((cluster) => cluster.mistakes.length && cluster.students.includes(name));
    return [
        make("h2", null, student.student),
        make("p", null, `${student.final_score} of ${student.points} points `, verdict(student.verdict)),
        student.lost_by_lateness ? make("p", { class: "muted" }, `${student.score} earned, ${student.lost_by_lateness} lost because it was late`) : null,
        ...like.map((cluster) => make("p", { class: "muted" }, `Looks like: ${cluster.mistakes.map((one) => one.mistake).join(" Or: ")}`)),
        ...student.labs.flatMap(labDetails),
    ];
}

/** What was encoded for an address; the same if nobody can read it. */
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

const views = { overview: ["Class", overview], students: ["Students", students], items: ["Items", items],
    mistakes: ["Mistakes", mistakes], alike: ["Look-alikes", alike] };

function show() {
    const [view, encoded = ""] = location.hash.slice(1).split(/=(.*)/s);
    const current = view === "student" ? "students" : views[view] ? view : "overview";
    document.querySelector("nav").replaceChildren(...Object.entries(views).map(([name, [title]]) =>
        make("a", name === current ? { href: `#${name}`, "aria-current": "page" } : { href: `#${name}` }, title)));
    main.replaceChildren(...(view === "student" ? oneStudent(decoded(encoded)) : views[current][1]()).filter(Boolean));
    if (location.hash) main.focus();
    scrollTo(0, 0);
}

const labWords = data.labs.length === 1 ? data.labs[0].title : `${data.labs.length} labs`;
document.getElementById("summary").textContent = `${data.students.length} students · ${labWords}`;
addEventListener("hashchange", show);
show();
