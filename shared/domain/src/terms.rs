//! Search terms: the words a record is found by, and what a query asks of them.
//!
//! The store keeps one entry a term, sorted within the partition that the term's first two letters
//! make, so a search is one range read by prefix: the most telling word of the query leads, and
//! the others are checked against the terms of what it finds. Both sides [fold](fold) alike.
//!
//! Addresses and numbers of people do not lie in the clear: they are [exact](Term::Exact) terms, of which
//! the store keeps a keyed hash. A hash knows no beginnings, so they are found whole, a number also by its
//! last four digits, and not by any other part.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::{EmailAddress, Phone};

/// At most so many terms a record: each is an entry to write.
pub const MAX_TERMS: usize = 24;
/// Longer terms are cut, and so are the words of a query, so that they still meet.
pub const MAX_TERM_CHARS: usize = 40;
const PARTITION_CHARS: usize = 2;
const MAX_QUERY_WORDS: usize = 8;
/// Much longer than any name; what follows finds nothing more.
const MAX_TEXT_CHARS: usize = 400;

/// How text is compared in searches: lower case, compatibility forms made plain, accents of Latin,
/// Greek and Cyrillic letters removed (`José` is `jose`). Vowel signs, nukta and virama of Indian
/// scripts stay, as they make the word; joiners go.
pub fn fold(text: &str) -> String {
    text.nfkd()
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{feff}'))
        .nfc()
        .collect()
}

/// The part of a term that names its partition: its first two letters.
pub fn partition(term: &str) -> &str {
    term.char_indices().nth(PARTITION_CHARS).map_or(term, |(end, _)| &term[..end])
}

/// Something that a record is found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// A word of a name, an identifier: any beginning of it finds the record.
    Word(String),
    /// An address or a number, which only the whole of it finds; kept as a keyed hash.
    Exact(String),
}

impl Term {
    /// Whether a word of a query means it.
    pub fn meets(&self, word: &str) -> bool {
        match self {
            Self::Word(term) => term.starts_with(word),
            Self::Exact(term) => term == word,
        }
    }
}

/// Where a word of a query can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It begins words.
    Beginning,
    /// It is an address.
    Address,
    /// It is a number or its last digits, or begins an identifier of digits.
    Number,
}

/// What a word of a query can mean.
pub fn meaning(word: &str) -> Meaning {
    if word.contains('@') {
        Meaning::Address
    } else if word.len() >= LAST_DIGITS && word.bytes().all(|byte| byte.is_ascii_digit()) {
        Meaning::Number
    } else {
        Meaning::Beginning
    }
}

/// A number is also found by so many of its last digits.
const LAST_DIGITS: usize = 4;

/// Collects the terms of a record, the most telling first, as at most [`MAX_TERMS`] are kept.
#[derive(Debug, Default)]
pub struct Terms(Vec<Term>);

impl Terms {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The words of a name or another short text, each also in its parts (`anne-marie`, `anne`, `marie`).
    pub fn words(&mut self, text: &str) -> &mut Self {
        for token in tokens(text) {
            let parts = token.split(|c| !is_word_char(c)).filter(|part| !part.is_empty());
            if parts.clone().nth(1).is_some() {
                self.word(&token);
            }
            for part in parts {
                self.word(part);
            }
        }
        self
    }

    /// An address: whole, and its domain, which alone tells of nobody.
    pub fn email(&mut self, address: &EmailAddress) -> &mut Self {
        let address = fold(address.as_str());
        if let Some((_, domain)) = address.rsplit_once('@') {
            self.word(domain);
        }
        self.add(Term::Exact(address))
    }

    /// A number: with country code, without, and its last four digits.
    pub fn phone(&mut self, phone: &Phone) -> &mut Self {
        let digits = phone.digits();
        for exact in [phone.national(), digits, &digits[digits.len() - LAST_DIGITS..]] {
            self.add(Term::Exact(exact.to_owned()));
        }
        self
    }

    /// An identifier of another system, whole; one of digits and punctuation also without the latter.
    pub fn external_id(&mut self, id: &str) -> &mut Self {
        for token in tokens(id) {
            self.word(&token);
            if let Some(digits) = dialled(&token) {
                self.word(&digits);
                self.word(without_trunk(&digits));
            }
        }
        self
    }

    /// A word, unless it is somebody's address in a place for words.
    fn word(&mut self, word: &str) {
        let word = cut(word);
        if word.chars().nth(PARTITION_CHARS - 1).is_some() {
            self.add(if meaning(&word) == Meaning::Address { Term::Exact(word) } else { Term::Word(word) });
        }
    }

    fn add(&mut self, term: Term) -> &mut Self {
        if self.0.len() < MAX_TERMS && !self.0.contains(&term) {
            self.0.push(term);
        }
        self
    }

    /// The terms: folded, each once; words are 2 to [`MAX_TERM_CHARS`] characters long.
    pub fn finish(&mut self) -> Vec<Term> {
        std::mem::take(&mut self.0)
    }
}

/// What somebody types into a search box, ready to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    lead: String,
    others: Vec<String>,
}

impl Query {
    /// Reads a query of up to eight words. Runs of digits that look like parts of one phone number
    /// (`98765 43210`, `+91 98765-43210`) count as one word. `None` if no word has two characters,
    /// as then there is no partition to look into.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<String> = Vec::new();
        for word in join_digits(tokens(text)) {
            let word = cut(&word);
            if words.len() < MAX_QUERY_WORDS && !words.contains(&word) {
                words.push(word);
            }
        }
        // The first of the most telling ones.
        let best = (0..words.len()).rev().max_by_key(|&at| telling(&words[at]))?;
        let lead = words.remove(best);
        lead.chars().nth(PARTITION_CHARS - 1)?;
        Some(Self { lead, others: words })
    }

    /// The word to look up: every record found has a term that it [meets](Term::meets).
    pub fn lead(&self) -> &str {
        &self.lead
    }

    /// The words that remain to be checked.
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// Whether a record with these terms is meant: each word of the query meets one of them.
    pub fn matches(&self, terms: &[Term]) -> bool {
        std::iter::once(&self.lead).chain(&self.others).all(|word| terms.iter().any(|term| term.meets(word)))
    }
}

/// How few records a word is likely to share: long ones few, digits and addresses fewer still.
fn telling(word: &str) -> usize {
    let length = word.chars().count();
    if word.contains('@') || word.bytes().all(|byte| byte.is_ascii_digit()) { length * 2 } else { length }
}

/// As much of a word as is kept; an address is no word.
fn cut(word: &str) -> String {
    if word.contains('@') { word.to_owned() } else { word.chars().take(MAX_TERM_CHARS).collect() }
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Folded, split at white space and commas, without apostrophes and without punctuation at the ends.
fn tokens(text: &str) -> Vec<String> {
    let text: String =
        text.chars().take(MAX_TEXT_CHARS).filter(|c| !matches!(c, '\'' | '\u{2019}' | '\u{2bc}')).collect();
    fold(&text)
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .map(|token| token.trim_matches(|c: char| !is_word_char(c) && c != '+'))
        .filter(|token| !token.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The digits of a token that has nothing but digits and what people put between those of a number.
fn dialled(token: &str) -> Option<String> {
    let number = token.chars().all(|c| c.is_ascii_digit() || "+-.()/".contains(c));
    let digits: String = token.chars().filter(char::is_ascii_digit).collect();
    (number && !digits.is_empty()).then_some(digits)
}

/// E.164 has at most so many digits.
const MAX_NUMBER: usize = 15;
/// A country code has at most so many.
const COUNTRY_CODE: usize = 3;
/// A token of so many digits is a number of its own.
const WHOLE_NUMBER: usize = 7;

fn join_digits(tokens: Vec<String>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open_run = false;
    for token in tokens {
        let Some(digits) = dialled(&token) else {
            words.push(token.trim_start_matches('+').to_owned());
            open_run = false;
            continue;
        };
        let part = digits.len() < WHOLE_NUMBER;
        match words.last_mut() {
            Some(run) if open_run && (part || run.len() <= COUNTRY_CODE) && run.len() + digits.len() <= MAX_NUMBER => {
                run.push_str(&digits);
            }
            _ => words.push(digits),
        }
        open_run = part;
    }
    words.iter().map(|word| without_trunk(word)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A long number without the trunk or international prefix of dialling, which are not part of it.
fn without_trunk(word: &str) -> &str {
    if word.len() > WHOLE_NUMBER && word.bytes().all(|byte| byte.is_ascii_digit()) {
        word.trim_start_matches('0')
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asha() -> Vec<Term> {
        let mut terms = Terms::new();
        terms
            .phone(&"+919876543210".parse().expect("phone"))
            .email(&"Asha.E@example.com".parse().expect("address"))
            .external_id("7927b2df-8bba-4d29-b9a2-b6e0beafe620")
            .external_id("2026-000123")
            .external_id("0004455667")
            .words("Asha  D’Souza-Example")
            .words("José आशा");
        terms.finish()
    }

    fn finds(query: &str) -> bool {
        Query::parse(query).is_some_and(|query| query.matches(&asha()))
    }

    #[test]
    fn a_record_is_found_by_any_of_its_words() {
        for query in [
            "asha",
            "ASHA dso",
            "d'souza",
            "example",
            "dsouza-example",
            "jose",
            "josé",
            "आशा",
            "आश",
            "asha.e@example.com",
            "Asha.E@Example.com asha",
            "example.com",
            "@example.com",
            "9876543210",
            "98765 43210",
            "+91 98765-43210",
            "91 9876543210",
            "098765 43210",
            "919876543210",
            "3210",
            "asha 3210",
            "7927b2df-8bba",
            "7927B2DF",
            "2026-000123",
            "2026000123",
            "0004455667",
            "  jose,  3210 ",
        ] {
            assert!(finds(query), "{query}");
        }
    }

    #[test]
    fn no_part_of_an_address_or_a_number_finds_but_its_domain_and_its_last_four_digits() {
        for query in ["asha.e", "asha.e@", "asha.e@example", "98765", "919876", "43210", "210", "asha 98765"] {
            assert!(!finds(query), "{query}");
        }
    }

    #[test]
    fn addresses_and_numbers_are_no_words_wherever_they_stand() {
        let mut terms = Terms::new();
        let address = format!("asha.with.a.name.longer.than.{}@example.com", "a.word".repeat(5));
        terms.words(&address).external_id("asha@example.com").email(&address.parse().expect("address"));
        let terms = terms.finish();
        let words: Vec<&Term> = terms.iter().filter(|term| matches!(term, Term::Word(_))).collect();
        assert!(words.iter().all(|word| !word.meets("asha.")), "{words:?}");
        for query in [address.as_str(), "asha@example.com", "example"] {
            assert!(Query::parse(query).expect("query").matches(&terms), "{query}");
        }
    }

    #[test]
    fn every_word_must_be_met() {
        assert!(!finds("asha 12345"));
        assert!(!finds("asha nobody"));
        assert!(finds("asha j"));
        assert!(!finds("souza"), "an apostrophe does not part a word");
    }

    #[test]
    fn the_most_telling_word_leads() {
        let query = Query::parse("asha 98765").expect("query");
        assert_eq!((query.lead(), query.others()), ("98765", &["asha".to_owned()][..]));
        assert_eq!(Query::parse("li anandamayee").expect("query").lead(), "anandamayee");
        assert_eq!(Query::parse("same size").expect("query").lead(), "same");
    }

    #[test]
    fn a_query_without_a_word_of_two_characters_is_none() {
        assert!(["", " ", "a", "a b", "+", "' ' -"].into_iter().all(|text| Query::parse(text).is_none()));
    }

    #[test]
    fn a_partition_is_two_letters_of_any_script() {
        assert_eq!((partition("asha"), partition("ab"), partition("आशा")), ("as", "ab", "आश".get(..6).expect("two")));
    }

    proptest! {
        #[test]
        fn terms_are_few_short_folded_and_distinct(texts in prop::collection::vec("\\PC{0,80}", 0..12)) {
            let mut terms = Terms::new();
            for text in &texts {
                terms.words(text).external_id(text);
            }
            let terms = terms.finish();
            prop_assert!(terms.len() <= MAX_TERMS);
            for (at, term) in terms.iter().enumerate() {
                if let Term::Word(word) = term {
                    prop_assert!((2..=MAX_TERM_CHARS).contains(&word.chars().count()) && !word.contains('@'));
                }
                prop_assert!(!terms[..at].contains(term));
            }
        }

        #[test]
        fn a_name_finds_its_own_record(name in "[A-Za-zÀ-ÿ\u{900}-\u{97f}' -]{2,30}") {
            let mut terms = Terms::new();
            terms.words(&name);
            if let Some(query) = Query::parse(&name) {
                prop_assert!(query.matches(&terms.finish()) || query.others().iter().any(|word| word.chars().count() < 2));
            }
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
