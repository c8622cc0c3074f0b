//! What the lead ads of a page bring. Facebook tells only that somebody filled in a form; what they answered is asked of it:
//! <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving>.

use std::collections::BTreeMap;

use domain::integration::{Facebook, IntegrationSettings};
use domain::lead::{LeadDetails, RowMapping};
use domain::provider_delivery::Handled;
use domain::{FieldInvalid, Label, Lead};
use indexmap::IndexMap;
use providers::inbound::meta::{self, Event, Lead as Filled};
use providers::{Graph, LeadAnswer};

use crate::failed::Failed;
use crate::people::capture;
use crate::take::Work;

/// The longest name of a free field.
const MAX_NAME: usize = 100;
/// After so many that Facebook did not tell it is left alone until the delivery comes again.
const MAX_MISSED: usize = 3;

/// Takes all that a body tells of, each in a transaction of its own with a mark that it was taken, the last one with the note
/// too. So each form is one touch, however often Facebook tells of it. Where one cannot be had, the others are taken all the
/// same. Each costs 1 read, 1 `GET`, and what a capture costs.
pub(crate) async fn told(work: &Work<'_>) -> Result<(), Failed> {
    let IntegrationSettings::Facebook(settings) = &work.integration.settings else {
        return Err(Failed::Senseless("the connection is none of Facebook's".to_owned()));
    };
    // An app has one address for all of its pages.
    let is_ours = |page: &str| settings.page_id.as_ref().is_none_or(|own| own.as_str() == page);
    let mut forms: BTreeMap<String, Filled> = BTreeMap::new();
    for event in meta::read(work.body)? {
        if let Event::Lead(form) = event
            && is_ours(&form.page)
        {
            forms.insert(form.id.clone(), form);
        }
    }
    let mut new = Vec::new();
    for form in forms.into_values() {
        if !is_taken(work, &form).await? {
            new.push(form);
        }
    }
    let Some((last, others)) = new.split_last() else { return work.ignore("nothing_new").await };
    let graph = work.platform.outside()?.graph(work.integration)?;
    let (mut failure, mut missed) = (None, 0);
    for form in others {
        match take(work, settings, &graph, form, false).await {
            Ok(()) => {}
            Err(failed @ Failed::NotTold(_)) => {
                missed += 1;
                failure = Some(failed);
                if missed == MAX_MISSED {
                    break;
                }
            }
            // What may yet be had decides whether the delivery comes again.
            Err(failed @ Failed::Senseless(_)) => drop(failure.get_or_insert(failed)),
            Err(failed) => return Err(failed),
        }
    }
    match failure {
        None => take(work, settings, &graph, last, true).await,
        Some(failure) if missed == MAX_MISSED => Err(failure),
        Some(failure) => match take(work, settings, &graph, last, false).await {
            Ok(()) | Err(Failed::Senseless(_)) => Err(failure),
            Err(failed) => Err(failed),
        },
    }
}

fn mark(form: &Filled) -> String {
    format!("leadgen#{}", form.id)
}

async fn is_taken(work: &Work<'_>, form: &Filled) -> Result<bool, Failed> {
    let subject = work.integration.id.to_string();
    Ok(work.platform.table().is_marked(work.grant, &subject, &mark(form)).await?)
}

async fn take(work: &Work<'_>, settings: &Facebook, graph: &Graph, form: &Filled, is_last: bool) -> Result<(), Failed> {
    let answers = graph.lead(&form.id).await?.answers;
    let mut told = details(settings, form, &answers)?;
    let table = work.platform.table();
    if let Some(external) = &told.external_id
        && table.holder::<Lead>(work.grant.organization(), &Lead::external_id_claim(external)).await?.is_some()
    {
        // Who somebody is, their address and number decide; the id is another lead's.
        told.external_id = None;
    }
    let captured = capture(work, &settings.intake, &told).await?;
    let captured = captured.told(|lead| lead.with("leadgen", &form.id).with("form", &form.form));
    let (outcome, subject) = (captured.lead.kind, captured.lead.after.id.to_string());
    let mut transaction = table.transaction();
    captured.push(&mut transaction, work.grant)?;
    transaction.mark_once(work.grant, &work.integration.id.to_string(), &mark(form))?;
    if is_last {
        transaction.push_unseen(work.grant, work.handled(Handled::Done { outcome, subject }))?;
    }
    Ok(transaction.commit().await?)
}

/// What somebody told of themselves: each answer goes where the connection's mapping says, else where the name of its question
/// says. One that does not read as what its field takes is kept as a free field, as a lead with a wrong number is one
/// all the same.
fn details(settings: &Facebook, form: &Filled, answers: &[LeadAnswer]) -> Result<LeadDetails, Failed> {
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
    use domain::integration::Provider;
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
        Filled {
            id: text("1"),
            page: text("2"),
            form: text("3"),
            ad: Some(text("4")),
            ad_group: None,
            at: Timestamp::UNIX_EPOCH,
        }
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
