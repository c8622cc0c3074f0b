//! What somebody told of themselves in a form.

use domain::integration::Facebook;
use domain::lead::{LeadDetails, RowMapping};
use domain::{FieldInvalid, Label};
use indexmap::IndexMap;
use providers::LeadAnswer;

use super::take::Filled;
use crate::failed::Failed;

/// The longest name of a free field.
const MAX_NAME: usize = 100;

/// What somebody told of themselves: each answer goes where the connection's mapping says, else where the name of its question
/// says. One that does not read as what its field takes is kept as a free field, as a lead with a wrong number is one
/// all the same.
pub(super) fn details(settings: &Facebook, form: &Filled, answers: &[LeadAnswer]) -> Result<LeadDetails, Failed> {
    let mut cells: IndexMap<String, String> = IndexMap::new();
    let mut asked: IndexMap<String, String> = IndexMap::new();
    for LeadAnswer { name, values } in answers {
        let question = line(name);
        if question.is_empty() || cells.contains_key(&question) {
            continue;
        }
        let field = name.parse().ok().and_then(|name| settings.mapping.get(&name));
        asked.extend(field.map(|field| (question.clone(), field.clone())));
        cells.insert(question, values.join(", "));
    }
    let headers: Vec<String> = cells.keys().cloned().collect();
    let read = |asked: &IndexMap<String, String>| {
        let mapping = RowMapping::new(&headers, asked).map_err(|wrong| Failed::Senseless(all(&wrong)))?;
        let values: Vec<&str> = mapping.places().into_iter().map(|place| cells[place].as_str()).collect();
        Ok::<_, Failed>(mapping.details(1, values, None))
    };
    let details = match read(&asked)? {
        Ok(details) => details,
        Err(wrong) => {
            let columns = wrong.into_iter().map(|wrong| wrong.column).filter(|column| !column.is_empty());
            asked.extend(columns.map(|column| (column.clone(), format!("custom_fields.{column}"))));
            let wrong = |wrong: domain::job::RowProblem| format!("{}: {}", wrong.column, wrong.code);
            read(&asked)?.map_err(|all| Failed::Senseless(all.into_iter().map(wrong).collect::<Vec<_>>().join("; ")))?
        }
    };
    let known = |text: String| text.parse::<Label>().ok();
    let campaign = match &form.ad {
        Some(ad) => format!("Ad {ad}"),
        None => format!("Form {}", form.form),
    };
    Ok(LeadDetails {
        external_id: details.external_id.or_else(|| known(format!("facebook:{}", form.id))),
        medium: details.medium.or_else(|| known("Lead ad".to_owned())),
        campaign: details.campaign.or_else(|| known(campaign)),
        ..details
    })
}

/// A question's name on one line, as a free field may be called.
fn line(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let text: String = words.join(" ").chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    text.trim().to_owned()
}

fn all(wrong: &[FieldInvalid]) -> String {
    wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use domain::integration::{IntegrationSettings, Provider};
    use domain::{BranchId, UserId};
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn page(mapping: &[(&str, &str)]) -> Facebook {
        let now = Timestamp::UNIX_EPOCH;
        let settings =
            IntegrationSettings::of(Provider::Facebook, UserId::at(now, [1; 10]), BranchId::at(now, [2; 10]));
        let IntegrationSettings::Facebook(mut page) = settings else { panic!("a page") };
        let mapped = |(question, field): &(&str, &str)| (question.parse().expect("a line"), (*field).to_owned());
        page.mapping = mapping.iter().map(mapped).collect();
        page
    }

    fn form() -> Filled {
        let text = str::to_owned;
        Filled { id: text("1"), form: text("3"), ad: Some(text("4")), at: Timestamp::UNIX_EPOCH }
    }

    fn read(mapping: &[(&str, &str)], answers: &[(&str, &str)]) -> Result<LeadDetails, Failed> {
        let answer =
            |(name, value): &(&str, &str)| LeadAnswer { name: (*name).to_owned(), values: vec![(*value).to_owned()] };
        let answers: Vec<LeadAnswer> = answers.iter().map(answer).collect();
        details(&page(mapping), &form(), &answers)
    }

    #[test]
    fn answers_go_where_the_mapping_says_and_else_where_their_names_say() {
        let mapping = [("where_do_you_live?", "city"), ("not_in_this_form", "tags"), ("consent", "")];
        let answers = [
            ("full_name", "Asha Example"),
            ("phone_number", "+919876543210"),
            ("where_do_you_live?", "Pune"),
            ("what_is_your_budget?", "10 lakh"),
            ("consent", "yes"),
        ];
        let lead = read(&mapping, &answers).expect("a lead");
        assert_eq!(lead.city.as_ref().map(Label::as_str), Some("Pune"));
        assert_eq!(lead.phone.map(|phone| phone.to_string()).as_deref(), Some("+919876543210"));
        assert_eq!(lead.custom_fields.get("what_is_your_budget?"), Some(&"10 lakh".into()));
        assert_eq!(lead.custom_fields.len(), 1);
        assert_eq!(lead.external_id.as_ref().map(Label::as_str), Some("facebook:1"));
        assert_eq!(lead.campaign.as_ref().map(Label::as_str), Some("Ad 4"));
    }

    #[test]
    fn an_answer_that_does_not_read_is_kept_and_a_lead_of_nobody_is_none() {
        let lead = read(&[], &[("email", "test@example.com"), ("phone_number", "<test lead: dummy data>")]);
        let lead = lead.expect("a lead");
        assert_eq!((lead.email.is_some(), lead.phone), (true, None));
        assert_eq!(lead.custom_fields.get("phone_number"), Some(&"<test lead: dummy data>".into()));
        for nobody in [&[("budget", "1")][..], &[], &[("phone_number", "later")]] {
            assert!(matches!(read(&[], nobody), Err(Failed::Senseless(_))), "{nobody:?}");
        }
    }

    proptest! {
        #[test]
        fn no_form_breaks_it(names in prop::collection::vec(".{0,130}", 0..6), value in ".{0,200}") {
            let answers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), value.as_str())).collect();
            let _ = read(&[], &answers);
        }
    }
}
