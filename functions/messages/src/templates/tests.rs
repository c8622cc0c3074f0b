//! Each template, word for word.

use serde_json::{Value, json};

use super::*;

const EVERY: [MessageTemplate; 13] = [
    MessageTemplate::SignInCode,
    MessageTemplate::PasswordReset,
    MessageTemplate::PasswordChanged,
    MessageTemplate::Invite,
    MessageTemplate::AccountApproved,
    MessageTemplate::AccountRejected,
    MessageTemplate::SecurityAlert,
    MessageTemplate::Welcome,
    MessageTemplate::ImportDone,
    MessageTemplate::Communication,
    MessageTemplate::Written,
    MessageTemplate::Notification,
    MessageTemplate::Digest,
];

fn values(template: MessageTemplate) -> Value {
    match template {
        MessageTemplate::SignInCode => json!({"code": "123456", "minutes": 5}),
        MessageTemplate::PasswordReset => {
            json!({"code": "123456", "link": "https://app.example/reset?token=abc&x=1", "minutes": 30})
        }
        MessageTemplate::PasswordChanged => {
            json!({"name": "Asha", "at": "2026-11-20T10:00:00Z", "address": "192.0.2.1"})
        }
        MessageTemplate::Invite => json!({
            "organization": "Example Ltd", "inviter": "Asha Example", "role": "Manager",
            "link": "https://app.example/join?token=abc", "days": 7,
        }),
        MessageTemplate::AccountApproved | MessageTemplate::Welcome => {
            json!({"name": "Asha", "organization": "Example Ltd"})
        }
        MessageTemplate::AccountRejected => {
            json!({"name": "Asha", "organization": "Example Ltd", "reason": "not known here"})
        }
        MessageTemplate::SecurityAlert => json!({
            "name": "Asha", "what": "Somebody signed in from a new device.", "at": "2026-11-20T10:00:00Z",
            "address": "192.0.2.1",
        }),
        MessageTemplate::Communication | MessageTemplate::Written => {
            json!({"subject": "Your visit", "text": "Dear Asha,\nsee you.", "html": "<p>Dear Asha &amp; Co</p>"})
        }
        MessageTemplate::Notification => json!({
            "organization": "Example Ltd", "title": "New lead", "message": "You have been assigned a new lead.",
            "kind": "assignment", "priority": "normal", "link": "https://app.example/leads/1",
        }),
        MessageTemplate::Digest => json!({
            "name": "Asha", "organization": "Example Ltd", "count": "12", "message": "- New lead\n- Reminder due",
            "more": "10", "link": "https://app.example",
        }),
        MessageTemplate::ImportDone => json!({
            "name": "Asha", "file": "leads.csv", "rows": 10, "created": 6, "updated": 2, "unchanged": 1, "rejected": 1,
        }),
    }
}

fn map(values: Value) -> Map<String, Value> {
    let Value::Object(values) = values else { panic!("values are an object") };
    values
}

fn read(template: MessageTemplate) -> (String, String, String) {
    let values = map(values(template));
    let letter = letter(template, &values).expect("a letter");
    let sms = short(template, &values).expect("an SMS");
    (letter.subject, letter.text, sms)
}

#[track_caller]
fn says(template: MessageTemplate, subject: &str, text: &str, sms: &str) {
    let (got_subject, got_text, got_sms) = read(template);
    assert_eq!(got_subject, subject);
    assert_eq!(got_text, format!("{text}\n"));
    assert_eq!(got_sms, sms);
}

#[test]
fn a_code_to_sign_in() {
    says(
        MessageTemplate::SignInCode,
        "Your code to sign in to Sampark",
        "Your code to sign in is 123456\n\nIt is good once, for 5 minutes. Nobody of ours will ever ask you for it. \
         If you are not signing in, ignore this message: without the code nobody gets in.",
        "123456 is your code to sign in to Sampark, good once for 5 minutes. Tell it to nobody.",
    );
}

#[test]
fn a_new_password_by_link_and_code() {
    says(
        MessageTemplate::PasswordReset,
        "Choose a new password for Sampark",
        "Somebody, we hope you, asked for a new password for this address.\n\n\
         Choose it here: https://app.example/reset?token=abc&x=1\n\nOr use the code 123456\n\n\
         This is good once, for 30 minutes. If it was not you, ignore this message: your password stays as it is.",
        "123456 is your code for a new Sampark password, good for 30 minutes. Tell it to nobody.",
    );
}

#[test]
fn a_new_password_by_one_of_them() {
    let by_code = map(json!({"code": "123456", "minutes": 30}));
    let letter_by_code = letter(MessageTemplate::PasswordReset, &by_code).expect("a letter");
    assert!(letter_by_code.text.contains("address.\n\nYour code for it is 123456\n\nThis"), "{letter_by_code:?}");
    assert!(!letter_by_code.html.contains("href"));
    let by_link = map(json!({"link": "http://localhost:3000/reset", "minutes": 30}));
    let letter_by_link = letter(MessageTemplate::PasswordReset, &by_link).expect("a letter");
    let text = "address.\n\nChoose it here: http://localhost:3000/reset\n\nThis";
    assert!(letter_by_link.text.contains(text), "{letter_by_link:?}");
    assert_eq!(
        short(MessageTemplate::PasswordReset, &by_link).expect("an SMS"),
        "Choose a new Sampark password: http://localhost:3000/reset good for 30 minutes. Tell it to nobody."
    );
}

#[test]
fn a_changed_password() {
    says(
        MessageTemplate::PasswordChanged,
        "Your Sampark password was changed",
        "Hello Asha,\n\nthe password of your account was changed on 20 November 2026, 10:00 UTC, from the address \
         192.0.2.1.\n\nIf it was you, all is well. If not, ask for a new password at once, and tell an administrator \
         of your organization.",
        "Your Sampark password was changed on 20 November 2026, 10:00 UTC. If it was not you, ask for a new one at once.",
    );
}

#[test]
fn an_invitation() {
    says(
        MessageTemplate::Invite,
        "Asha Example invites you to Example Ltd",
        "Hello,\n\nAsha Example invites you to work with Example Ltd on Sampark, as Manager.\n\n\
         Come in here: https://app.example/join?token=abc\n\nThe link is for you alone, and good for 7 days. If you \
         do not know Asha Example, ignore this message.",
        "Asha Example invites you to Example Ltd: https://app.example/join?token=abc",
    );
}

#[test]
fn an_approved_account() {
    says(
        MessageTemplate::AccountApproved,
        "Welcome to Example Ltd",
        "Hello Asha,\n\nExample Ltd has approved your account. You can sign in now, with this address and the \
         password you chose.",
        "Hello Asha, Example Ltd has approved your Sampark account. You can sign in now.",
    );
}

#[test]
fn a_rejected_account() {
    says(
        MessageTemplate::AccountRejected,
        "Your account at Example Ltd",
        "Hello Asha,\n\nExample Ltd has not approved your account. The reason given: not known here\n\nIf you think \
         this is a mistake, please ask there.",
        "Hello Asha, Example Ltd has not approved your Sampark account: not known here",
    );
}

#[test]
fn an_alert() {
    says(
        MessageTemplate::SecurityAlert,
        "Something to know about your Sampark account",
        "Hello Asha,\n\nSomebody signed in from a new device. This was on 20 November 2026, 10:00 UTC, from the \
         address 192.0.2.1.\n\nIf it was you, all is well. If not, change your password, and end the sign-ins you do \
         not know.",
        "Sampark, 20 November 2026, 10:00 UTC: Somebody signed in from a new device. If it was not you, change your \
         password.",
    );
}

#[test]
fn a_welcome() {
    says(
        MessageTemplate::Welcome,
        "Welcome to Sampark, Asha",
        "Hello Asha,\n\nExample Ltd is ready. Sign in with this address, upload your first file of leads, and watch \
         it become a pipeline.",
        "Hello Asha, Example Ltd is ready. Sign in and upload your first file of leads.",
    );
}

#[test]
fn a_notification() {
    says(
        MessageTemplate::Notification,
        "New lead",
        "You have been assigned a new lead.\n\nhttps://app.example/leads/1\n\nYou are told this by Example Ltd. What \
         reaches you by e-mail, you choose in your preferences.",
        "Example Ltd: New lead",
    );
}

#[test]
fn a_digest() {
    says(
        MessageTemplate::Digest,
        "Example Ltd: 12 not read",
        "Hello Asha,\n\nthis is what you have not read yet:\n\n- New lead\n- Reminder due\n\nand 10 more.\n\n\
         https://app.example\n\nYou are told this by Example Ltd. How often, you choose in your preferences.",
        "Example Ltd: 12 not read",
    );
}

#[test]
fn an_import_that_ended_well_or_badly() {
    says(
        MessageTemplate::ImportDone,
        "leads.csv is imported",
        "Hello Asha,\n\nOf 10 rows, 6 became new leads, 2 completed leads that were there, 1 told nothing new and 1 \
         were rejected.",
        "leads.csv is imported: 6 new leads, 1 of 10 rows rejected.",
    );
    let values = map(json!({"name": "Asha", "file": "leads.csv", "failure": "the workbook is damaged"}));
    let letter = letter(MessageTemplate::ImportDone, &values).expect("a letter");
    assert_eq!(letter.subject, "leads.csv could not be imported");
    let text = "Hello Asha,\n\nleads.csv cannot be read: the workbook is damaged. Nothing was imported.\n";
    assert_eq!(letter.text, text);
}

#[test]
fn the_html_is_a_page_with_the_same_values() {
    let text = letter(MessageTemplate::PasswordReset, &map(values(MessageTemplate::PasswordReset))).expect("one").html;
    assert!(text.starts_with("<!doctype html>") && text.trim_end().ends_with("</html>"), "{text}");
    assert!(text.contains("<title>Choose a new password for Sampark</title>"), "{text}");
    // The escaping takes `/` along, which readers of HTML undo like any other.
    assert!(text.contains(r#"<a href="https:&#x2f;&#x2f;app.example&#x2f;reset?token=abc&amp;x=1">"#), "{text}");
    assert!(text.contains("<strong>123456</strong>") && !text.contains("{{") && !text.contains("&lt;"), "{text}");
}

/// A text that would break whatever is not escaped, or not cut.
const NASTY: &str = "<b onload=\"x\">'{{ 7*7 }}'</b>\r\nBcc: other@example.com\r\n\r\n";

#[test]
fn what_people_write_stays_text() {
    let long = NASTY.repeat(100);
    for template in EVERY {
        let mut values = map(values(template));
        for (name, value) in &mut values {
            // An organization's own words are kept as they are.
            if value.is_string() && !matches!(name.as_str(), "link" | "message" | "text" | "html") {
                *value = long.clone().into();
            }
        }
        let Letter { subject, text, html } = letter(template, &values).expect("a letter");
        assert!(!subject.contains(['\r', '\n']) && subject.chars().count() <= SUBJECT, "{subject}");
        assert!(text.len() < 2_000, "{template:?}: {}", text.len());
        assert!(!text.contains('\r') && !text.contains("\nBcc"), "{text}");
        assert!(!html.contains("<b ") && !html.contains("49"), "{html}");
        assert!(html.len() < 6_000, "{template:?}: {}", html.len());
        let sms = short(template, &values).expect("an SMS");
        assert!(sms.chars().count() <= SMS && !sms.contains(['\r', '\n']), "{sms}");
    }
}

#[test]
fn a_link_leads_to_the_web() {
    let values = |link: &str| map(json!({"link": link, "minutes": 30}));
    let too_long = format!("https://app.example/{}", "x".repeat(2_000));
    for link in [
        "javascript:alert(1)",
        "http://app.example/reset",
        "http://localhost.app.example/",
        "https://app.example/\r\nBcc: other@example.com",
        "",
        &too_long,
    ] {
        let refused = letter(MessageTemplate::PasswordReset, &values(link));
        assert!(matches!(refused, Err(Unwritable::Link)), "{link}");
    }
    letter(MessageTemplate::PasswordReset, &values("http://127.0.0.1:3000/")).expect("a letter");
    let long = values(&format!("https://app.example/{}", "x".repeat(150)));
    letter(MessageTemplate::PasswordReset, &long).expect("a letter");
    assert!(matches!(short(MessageTemplate::PasswordReset, &long), Err(Unwritable::TooLong)));
}

#[test]
fn a_missing_value_is_an_error() {
    for template in EVERY {
        let values = map(values(template));
        for name in values.keys() {
            let mut lacking = values.clone();
            lacking.remove(name);
            let optional = match template {
                MessageTemplate::PasswordReset => matches!(name.as_str(), "code" | "link"),
                // What only devices are told stands in no letter.
                MessageTemplate::Notification => matches!(name.as_str(), "link" | "kind" | "priority"),
                MessageTemplate::Digest => matches!(name.as_str(), "link" | "more"),
                MessageTemplate::Communication | MessageTemplate::Written => name == "html",
                _ => false,
            };
            assert_eq!(letter(template, &lacking).is_ok(), optional, "{template:?} without {name}");
        }
    }
    let neither = map(json!({"minutes": 30}));
    assert!(letter(MessageTemplate::PasswordReset, &neither).is_err(), "by one of them at least");
}

#[test]
fn an_organizations_own_words_keep_their_lines_and_are_escaped() {
    let values = map(json!({"subject": "Shall we\r\nBcc: talk?", "text": "Hello <b>Asha</b>,\n\nmay we call?\u{7}"}));
    let Letter { subject, text, html } = letter(MessageTemplate::Written, &values).expect("a letter");
    assert_eq!(subject, "Shall we Bcc: talk?");
    assert_eq!(text, "Hello <b>Asha</b>,\n\nmay we call?\n");
    assert!(html.contains("Hello &lt;b&gt;Asha&lt;") && html.contains("may we call?"), "{html}");
    assert_eq!(short(MessageTemplate::Written, &values).expect("an SMS"), "Hello <b>Asha</b>, may we call?");
    let long = map(json!({"subject": "a", "text": "x".repeat(161)}));
    assert!(short(MessageTemplate::Written, &long).is_err());
}

#[test]
fn a_template_that_people_wrote_is_sent_as_it_was_filled_in() {
    let filled = map(values(MessageTemplate::Written));
    let Letter { subject, text, html } = letter(MessageTemplate::Written, &filled).expect("a letter");
    assert_eq!((subject.as_str(), text.as_str()), ("Your visit", "Dear Asha,\nsee you.\n"));
    assert!(html.contains("<p>Dear Asha &amp; Co</p>"), "{html}");
    let bare = map(json!({"subject": "a", "text": format!("<b>{}", "x".repeat(50_000)), "html": null}));
    let Letter { text, html, .. } = letter(MessageTemplate::Written, &bare).expect("a letter");
    assert_eq!(text.len(), 50_004);
    assert!(html.contains("&lt;b&gt;xxx"), "what has no HTML is escaped");
    assert_eq!(short(MessageTemplate::Written, &filled).expect("an SMS"), "Dear Asha, see you.");
}
