//! Filling a template in, within bounds.

use std::io::{self, Write};
use std::sync::LazyLock;

use domain::{FieldInvalid, Invalid};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

use crate::grammar;

/// A filled-in text has so many bytes at most: mail programs hide what goes beyond 102 KiB.
pub const MAX_OUTPUT: usize = 100 * 1024;
/// So many steps at most: about a millisecond's work.
const FUEL: u64 = 20_000;
/// So many tags within one another, and calls within expressions.
const DEPTH: usize = 20;

/// Whether what is put in is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// As text: nothing is.
    Text,
    /// As HTML: everything is.
    Html,
}

/// Why a template cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfilled {
    /// In which line, from 1, where that is known.
    pub line: Option<usize>,
    /// Why.
    pub invalid: Invalid,
}

impl Unfilled {
    /// The same of a field, with the line in its sentence.
    pub fn of(self, field: &str) -> FieldInvalid {
        let Invalid { code, message } = self.invalid;
        let message = self.line.map_or_else(|| message.to_string(), |line| format!("{message} (line {line})"));
        FieldInvalid::new(field, Invalid::new(code, message))
    }
}

static TEXT: LazyLock<Environment<'static>> = LazyLock::new(|| environment(|_| AutoEscape::None));
static HTML: LazyLock<Environment<'static>> = LazyLock::new(|| environment(|_| AutoEscape::Html));

/// Nothing of the engine's own but what is here: no functions, no other templates.
fn environment(escape: fn(&str) -> AutoEscape) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_auto_escape_callback(escape);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH);
    environment.add_filter("upper", |text: String| text.to_uppercase());
    environment.add_filter("lower", |text: String| text.to_lowercase());
    environment.add_filter("trim", |text: String| text.trim().to_owned());
    environment.add_filter("default", |value: Value, other: Value| {
        let empty = value.is_undefined() || value.is_none() || value.as_str().is_some_and(str::is_empty);
        if empty { other } else { value }
    });
    environment
}

impl Written {
    fn environment(self) -> &'static Environment<'static> {
        match self {
            Self::Text => &TEXT,
            Self::Html => &HTML,
        }
    }
}

/// Checks a template when it is written: its grammar, and that each name is one of `known`, which may be a path
/// (`lead.city`) or the beginning of paths (`custom`).
pub fn check(source: &str, written: Written, known: &dyn Fn(&str) -> bool) -> Result<(), Unfilled> {
    grammar::check(source).map_err(|(line, invalid)| Unfilled { line: Some(line), invalid })?;
    let template =
        written.environment().template_from_named_str("template", source).map_err(|error| unfilled(&error))?;
    let mut unknown: Vec<String> =
        template.undeclared_variables(true).into_iter().filter(|name| !known(name)).collect();
    unknown.sort();
    let Some(name) = unknown.into_iter().next() else { return Ok(()) };
    let line = source.lines().position(|line| line.contains(&name)).map(|line| line + 1);
    let shown: String = name.chars().take(60).collect();
    Err(Unfilled { line, invalid: Invalid::new("unknown_variable", format!("names {shown}, which is no variable")) })
}

/// Fills a template in; what has no value is empty. It is checked before, as what was stored may be older than the
/// grammar.
pub fn fill(source: &str, written: Written, values: &serde_json::Value) -> Result<String, Unfilled> {
    grammar::check(source).map_err(|(line, invalid)| Unfilled { line: Some(line), invalid })?;
    let template =
        written.environment().template_from_named_str("template", source).map_err(|error| unfilled(&error))?;
    let mut bounded = Bounded(Vec::new());
    template.render_captured_to(value(values), &mut bounded).map_err(|error| unfilled(&error))?;
    String::from_utf8(bounded.0)
        .map_err(|_| Unfilled { line: None, invalid: Invalid::new("not_text", "does not make text") })
}

/// What the engine reads; what is nothing is empty.
fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::from(""),
        serde_json::Value::Bool(yes) => Value::from(*yes),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, Some(other)) => Value::from(other),
            (None, None) => Value::from(number.to_string()),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(all) => all.iter().map(value).collect(),
        serde_json::Value::Object(all) => Value::from_pairs(all.iter().map(|(name, one)| (name.as_str(), value(one)))),
    }
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::Error::other("too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unfilled(error: &Error) -> Unfilled {
    let line = error.line();
    let detail: String = error.detail().unwrap_or_default().chars().take(120).collect();
    let invalid = match error.kind() {
        ErrorKind::OutOfFuel => Invalid::new("too_costly", "takes too many steps to fill in"),
        ErrorKind::WriteFailure => Invalid::new("too_large", "makes more than 100 KiB of text"),
        ErrorKind::SyntaxError => Invalid::new("bad_template", format!("cannot be read: {detail}")),
        _ => Invalid::new("bad_template", format!("cannot be filled in: {detail}")),
    };
    Unfilled { line, invalid }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn code(source: &str) -> &'static str {
        let values = json!({"name": "Asha & <b>", "tags": vec!["x"; 50], "none": null});
        fill(source, Written::Text, &values).map_or_else(|unfilled| unfilled.invalid.code, |_| "filled")
    }

    #[test]
    fn places_are_filled_and_html_is_escaped() {
        let values = json!({"lead": {"name": "Asha <b>", "city": ""}, "tags": ["a", "b"]});
        let text = |source| fill(source, Written::Text, &values).expect("text");
        assert_eq!(text("Hello {{ lead.name }}"), "Hello Asha <b>");
        assert_eq!(text("{{ lead.city | default('home') | upper }}"), "HOME");
        assert_eq!(text("{% for tag in tags %}{{ tag }},{% endfor %}"), "a,b,");
        assert_eq!(text("{% if lead.city == 'Pune' %}a{% else %}b{% endif %}{ x }"), "b{ x }");
        assert_eq!(fill("{{ lead.name }}", Written::Html, &values).expect("html"), "Asha &lt;b&gt;");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let known = |name: &str| name == "lead" || name.starts_with("lead.");
        let wrong = |source| check(source, Written::Text, &known).expect_err("it is wrong");
        let unknown = wrong("Hello\n{{ lead.name }}\n{{ nobody }}");
        assert_eq!((unknown.line, unknown.invalid.code), (Some(3), "unknown_variable"));
        assert!(unknown.invalid.message.contains("nobody"));
        assert_eq!(wrong("a\n{{ lead.name").line, Some(2));
        assert_eq!(wrong("{% if lead.name %}").invalid.code, "bad_template");
        assert_eq!(wrong("a\n\n{{ lead.name | safe }}").invalid.code, "unknown_filter");
        assert_eq!(wrong("a\n\n{{ lead.name | safe }}").line, Some(3));
    }

    #[test]
    fn what_has_no_value_is_empty() {
        let text = |source| fill(source, Written::Text, &json!({"lead": {"city": null}})).expect("text");
        assert_eq!(text("[{{ lead.city }}|{{ lead.name }}|{{ lead.custom.course }}]"), "[||]");
        assert_eq!(text("[{{ lead.name | default('friend') | upper }}|{{ lead.name | upper }}]"), "[FRIEND|]");
        assert_eq!(
            text("{% if lead.custom.course %}a{% else %}b{% endif %}{% for a in lead.tags %}c{% endfor %}"),
            "b"
        );
    }

    #[test]
    fn a_text_may_hold_what_an_expression_may_not() {
        assert_eq!(code("{{ name | default('a + b') }}"), "filled");
        assert_eq!(code("{% if (name == 'x') or not (none == '') %}a{% endif %}{{ tags[0] }}"), "filled");
        assert_eq!(code("{# a + b #}{ {{ name }} } %} {"), "filled");
        for (source, refused) in [
            ("{{ name + name }}", "unknown_mark"),
            ("{{ name | default('\\') }}", "unknown_mark"),
            ("{{ name is defined }}", "unknown_mark"),
            ("{{ name | replace('a', 'b') }}", "unknown_filter"),
            ("{{ name.upper() }}", "unknown_function"),
            ("{{ tags[0]() }}", "unknown_function"),
            ("{{ (name)(1) }}", "unknown_function"),
            ("{% for a in tags recursive %}{{ loop(a) }}{% endfor %}", "unknown_function"),
            ("{{ name | default('a) }}", "unclosed"),
            ("{{}", "unclosed"),
        ] {
            assert_eq!(code(source), refused, "{source}");
        }
    }

    #[test]
    fn bombs_are_bounded_in_steps_and_size() {
        let nested = |depth: usize, inner: &str| {
            format!("{}{inner}{}", "{% for a in tags %}".repeat(depth), "{% endfor %}".repeat(depth))
        };
        let long = format!("{}{}", "{{ name }}".repeat(2_000), "x".repeat(200));
        let bombs = [
            ("{% set a = name ~ name %}".to_owned(), "unknown_statement"),
            ("{% set a = name %}".to_owned(), "unknown_statement"),
            ("{% for a in [name ~ name] %}{% endfor %}".to_owned(), "unknown_mark"),
            ("{{ 'x' * 1000000000 }}".to_owned(), "unknown_mark"),
            ("{{ 9 ** 99999 }}".to_owned(), "unknown_mark"),
            ("{% include 'secret' %}".to_owned(), "unknown_statement"),
            ("{% macro m() %}{{ m() }}{% endmacro %}".to_owned(), "unknown_statement"),
            ("{{ range(100000) }}".to_owned(), "unknown_function"),
            (nested(8, "{{ a }}"), "too_costly"),
            (nested(2, &"y".repeat(5_000)), "too_large"),
            (format!("{}name{}", "{{ (".to_owned() + &"(".repeat(5_000), ")".repeat(5_001) + " }}"), "bad_template"),
            (long, "filled"),
        ];
        for (bomb, expected) in &bombs {
            assert_eq!(code(bomb), *expected, "{}", &bomb[..bomb.len().min(80)]);
        }
    }

    /// A template of the grammar: tags within tags, as deep as it goes.
    fn a_template() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[a-z<&{}% \n]{0,20}".prop_map(|text| text.replace('{', "( ")),
            proptest::sample::select(vec![
                "{{ name }}",
                "{{ tags }}",
                "{{ a }}",
                "{{ a.b.c }}",
                "{{ tags | upper | lower }}",
                "{{ none | default(name) | trim }}",
                "{{ tags[3] }}",
            ])
            .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(6, 64, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(|parts| parts.concat()),
                inner.clone().prop_map(|inner| format!("{{% for a in tags %}}{inner}{{% endfor %}}")),
                (inner.clone(), inner).prop_map(|(yes, no)| {
                    format!("{{% if a == 'x' and name > '' %}}{yes}{{% else %}}{no}{{% endif %}}")
                }),
            ]
        })
    }

    fn is_bounded(source: &str) -> Result<(), TestCaseError> {
        let values = json!({"name": "Asha & <b>", "tags": vec!["x"; 50], "none": null});
        for written in [Written::Text, Written::Html] {
            match fill(source, written, &values) {
                Ok(text) => prop_assert!(text.len() <= MAX_OUTPUT),
                Err(unfilled) => prop_assert!(!unfilled.invalid.code.is_empty()),
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_filled_within_its_bounds(source in a_template()) {
            let filled = fill(&source, Written::Text, &json!({}));
            prop_assert!(filled.is_ok(), "with nothing there is nothing to go through: {:?}", filled);
            is_bounded(&source)?;
        }

        #[test]
        fn no_text_breaks_it(source in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|#\\}|for a in b|if|endif|endfor|a|b|'|\"|\\||\\.|-|\n| |\u{e9}){0,40}") {
            is_bounded(&source)?;
        }

        #[test]
        fn no_text_of_any_kind_breaks_it(source in "\\PC{0,200}") {
            is_bounded(&source)?;
            if let Err(unfilled) = check(&source, Written::Html, &|_| true) {
                prop_assert!(unfilled.line.is_none_or(|line| line <= source.lines().count() + 1));
            }
        }
    }
}
