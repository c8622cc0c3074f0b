//! The API's document, made from the functions' code.

use crate::functions::{ALL, Code};

/// The document as it is committed: OpenAPI 3.1, one member a line.
pub fn document() -> Result<String, serde_json::Error> {
    let parts = ALL.iter().filter_map(|registered| match registered.code {
        Code::Http { routes, .. } => Some(web::document(routes())),
        Code::Sockets(_) | Code::Queue(_) | Code::Stream(_) | Code::Clock(_) => None,
    });
    let mut text = web::finish(parts).to_pretty_json()?;
    text.push('\n');
    Ok(text)
}

/// What to tell a person if the committed document is not the code's.
pub fn difference(committed: &str, document: &str) -> Option<String> {
    if committed == document {
        return None;
    }
    let same = committed.lines().zip(document.lines()).take_while(|(left, right)| left == right).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(nothing)").trim().to_owned();
    Some(format!(
        "infra/openapi.json is not what the code says; run `cargo run -- openapi --write`.\n\
         line {}:\n  committed: {}\n  code:      {}",
        same + 1,
        line(committed),
        line(document)
    ))
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn the_first_line_that_differs_is_told() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        let told = difference("a\nb\n", "a\nc\n").expect("they differ");
        assert!(told.contains("line 2") && told.contains("openapi --write"), "{told}");
        assert!(difference("", "a\n").is_some_and(|told| told.contains("(nothing)")));
    }
}
