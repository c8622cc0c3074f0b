use serde_json::{Value, json};

use super::*;
use crate::Line;
use crate::outreach::{Dlt, DltCategory};

pub(super) fn details(channel: TemplateChannel, body: &str) -> TemplateDetails {
    let content = Content {
        subject: (channel == TemplateChannel::Email).then(|| Line::known("Hello")),
        body: body.parse().expect("a body"),
        html: None,
        variables: BTreeMap::new(),
        registration: None,
        held: None,
    };
    TemplateDetails { name: Label::known("Follow up"), channel, category: None, language: None, content }
}

pub(super) fn made(details: TemplateDetails) -> Result<Template, Vec<FieldInvalid>> {
    let (now, bits) = (Timestamp::UNIX_EPOCH, [0; 10]);
    let id = TemplateId::at(now, bits);
    Template::create(id, OrganizationId::PLATFORM, details, UserId::at(now, bits), now).map(|change| change.after)
}

fn codes(result: Result<Template, Vec<FieldInvalid>>) -> Vec<(String, &'static str)> {
    let wrong = result.map_or_else(|wrong| wrong, |_| Vec::new());
    wrong.into_iter().map(|wrong| (wrong.field, wrong.invalid.code)).collect()
}

#[test]
fn an_sms_is_as_it_was_registered() {
    let registered = |body: &str, text: &str| {
        let mut details = details(TemplateChannel::Sms, body);
        let template_id = "1".repeat(19);
        let dlt = Dlt { entity_id: None, template_id, header: None, category: DltCategory::ServiceImplicit };
        details.content.registration = Some(Registration { dlt, text: text.parse().ok() });
        codes(made(details))
    };
    let text = "Dear {#var#},  your visit is on {#var#}.";
    assert!(registered("Dear {{ lead.name }}, your visit\nis on {{ day }}.", text).is_empty());
    for body in [
        "Dear {{ lead.name }}, your visit is tomorrow.",
        "Dear {% if a %}b{% endif %}, your visit is on {{ a }}.",
        text,
    ] {
        assert_eq!(registered(body, text), [("body".to_owned(), "not_as_registered")], "{body}");
    }
}

#[test]
fn each_change_of_what_it_says_is_a_version_and_nothing_else_is() {
    let (now, author) = (Timestamp::UNIX_EPOCH, UserId::at(Timestamp::UNIX_EPOCH, [1; 10]));
    let template = made(details(TemplateChannel::Email, "Hello")).expect("a template");
    let first = template.version(TemplateVersionId::at(now, [0; 10])).after;
    let renamed = TemplatePatch { name: Some(Label::known("Other")), ..TemplatePatch::default() };
    let template = template.update(renamed, author, now).expect("a change").after;
    assert_eq!(template.revision, 1);
    let said = TemplatePatch { body: "Good morning".parse().ok(), ..TemplatePatch::default() };
    let template = template.update(said, author, now).expect("a change").after;
    assert_eq!((template.revision, template.author), (2, author));
    let reverted = template.revert(&first, author, now).after;
    assert_eq!((reverted.revision, &reverted.content), (3, &first.content));
}

#[test]
fn variables_have_their_types_and_defaults() {
    let mut template = details(TemplateChannel::Email, "Hello");
    let variable = |kind, default, required| Variable { kind, default, required };
    let variables = [
        ("day", variable(VariableType::Date, None, true)),
        ("seats", variable(VariableType::Number, Some(json!(2)), false)),
        ("note", variable(VariableType::Text, None, false)),
    ];
    template.content.variables = variables.map(|(name, variable)| (name.to_owned(), variable)).into();
    let template = made(template).expect("a template");
    let values = |given: Value| template.content.values(given.as_object().expect("an object"));
    let filled = values(json!({"day": "2026-01-31"})).expect("values");
    assert_eq!(Value::Object(filled), json!({"day": "2026-01-31", "note": "", "seats": 2}));
    let wrong = values(json!({"seats": "many", "other": 1})).expect_err("wrong");
    let wrong: Vec<_> = wrong.into_iter().map(|wrong| (wrong.field, wrong.invalid.code)).collect();
    let named = [("day", "required"), ("seats", "wrong_type"), ("other", "unknown_variable")];
    assert_eq!(wrong, named.map(|(field, code)| (field.to_owned(), code)));
}

#[test]
fn what_a_channel_does_not_take_is_refused() {
    let mut sms = details(TemplateChannel::Sms, "Hello");
    sms.content.html = "<p>Hello</p>".parse().ok();
    sms.language = Some("English, please".to_owned());
    sms.content
        .variables
        .insert("lead".to_owned(), Variable { kind: VariableType::Text, default: None, required: false });
    let named = [("html", "not_for_channel"), ("variables.lead", "bad_name"), ("language", "not_a_language")];
    assert_eq!(codes(made(sms)), named.map(|(field, code)| (field.to_owned(), code)));
}

#[test]
fn what_is_said_anew_was_not_looked_at_by_a_provider() {
    let (now, author) = (Timestamp::UNIX_EPOCH, UserId::at(Timestamp::UNIX_EPOCH, [1; 10]));
    assert_eq!(made(details(TemplateChannel::Sms, "Hello")).expect("a template").approval, None);
    let mut template = made(details(TemplateChannel::Whatsapp, "Hello")).expect("a template");
    assert_eq!(template.approval, Some(TemplateApproval::Draft));
    template.approval = Some(TemplateApproval::Approved);
    let renamed = TemplatePatch { name: Some(Label::known("Other")), ..TemplatePatch::default() };
    let template = template.update(renamed, author, now).expect("a change").after;
    assert_eq!(template.approval, Some(TemplateApproval::Approved));
    let said = TemplatePatch { body: "Good morning".parse().ok(), ..TemplatePatch::default() };
    assert_eq!(template.update(said, author, now).expect("a change").after.approval, Some(TemplateApproval::Draft));
}

#[test]
fn a_channel_stays_and_a_template_has_a_bound() {
    let (now, author) = (Timestamp::UNIX_EPOCH, UserId::at(Timestamp::UNIX_EPOCH, [1; 10]));
    let template = made(details(TemplateChannel::Sms, "Hello")).expect("a template");
    let moved = TemplatePatch { channel: Some(TemplateChannel::Email), ..TemplatePatch::default() };
    let wrong = template.clone().update(moved, author, now).expect_err("it stays");
    assert_eq!((wrong[0].field.as_str(), wrong[0].invalid.code), ("channel", "fixed"));
    let same = TemplatePatch { channel: Some(TemplateChannel::Sms), ..TemplatePatch::default() };
    assert!(template.update(same, author, now).expect("nothing").changes().is_empty());
    let mut large = details(TemplateChannel::Email, &"\u{1f642}".repeat(40_000));
    assert!(made(large.clone()).is_ok());
    large.content.html = Some(large.content.body.clone());
    assert_eq!(codes(made(large)), [("body".to_owned(), "too_large")]);
}
