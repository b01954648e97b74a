// The page's words in Korean and English.

const LETTERS = "ABCDE";
const WORDS = {
  en: {
    review: "review", search: "Search", help: "Keys", close: "Close", cancel: "Cancel", row: "Row to judge",
    behind: "What stands behind the row", actions: "Actions", kind: "Kind of rows",
    search_for: "Id or words in the row", nothing_found: "Nothing found.", found: (n) => `${n} found`,
    kinds: { "": "All kinds", row: "Training rows", question: "Test questions", sample: "Audit sample" },
    counts: (p, pace) => `${p.decided} of ${p.decided + p.open + p.skipped}` + (p.skipped ? `, ${p.skipped} skipped` : "")
      + (pace ? ` · ${Math.round(pace)} an hour · ${timeLeft(p, pace)} left` : ""),
    yield: (doubtful, others) => (doubtful.decided || others.decided ? ` · wrong: ${doubtful.wrong} of ${doubtful.decided} doubtful rows`
      + `, ${others.wrong} of ${others.decided} others` : ""),
    minutes: (n) => `${n} min`, hours: (n) => `${n} h`,
    accept: "Accept", accept_edited: "Accept as edited", reject: "Reject", edit: "Edit", skip: "Skip", undo: "Undo",
    save: "Accept as edited", leave: "Back", reset: "Drop the changes", send: "Save answers",
    why_reject: "Why is it rejected?", own_words: "In your own words",
    reasons: {
      row: ["Says something else than the source", "Not in the source", "The question is unclear", "The answer is incomplete",
        "Wrong clue", "Badly worded"],
      question: ["The answer is wrong", "More than one answer is right", "Common sense or the name alone answers it",
        "The question is unclear", "No evidence for it in the source", "The form of the choices gives it away"],
    },
    fields: { instruction: "Instruction", input: "Input", output: "Output", stem: "Question", choices: "Choices",
      explanation: "Explanation", evidence: "Evidence", answer: "Answer" },
    clue: (n) => `Clue ${n}`, named: "named by the answer", is_answer: "Answer", changed: "Changes",
    up: "Move up", down: "Move down", choice: (letter) => `Choice ${letter}`,
    answer_moved: (from, to) => `Answer ${from} → ${to}`, audit: ["Is the instruction a valid task?",
      "Does the input fit it?", "Is the output right?"], yes: "yes", no: "no", open: "open", comment: "Comment",
    as_source: "the passage beside it", gates: { disputed_answer: "the answer is disputed", mixes_politeness: "mixes levels of politeness",
      solved_without_passage: "solved without the passage" },
    checks: "Checks", near: "Rejected as too near", no_checks: "No filter marked this row.", doubt: "Doubt", sides: "What others said",
    side: (n) => `Reviewer ${n}`, take: "Take this", says: { accept: "accepted", reject: "rejected", edit: "edited", skip: "skipped" },
    judge: (m) => ({ solved: `A teacher chose the answer ${m.right} of ${m.votes} times with the passage`,
      solved_blind: `A teacher chose the answer ${m.right} of ${m.votes} times without the passage`,
      faithful: `A teacher found all of it in the input ${m.right} of ${m.votes} times` })[m.kind],
    page: (n) => `p. ${n}`, text: "Text of the passage", no_source: "No source is known for this row.", general: "A general row: it has no source.",
    picture: (document, n) => `Page ${n} of ${document}, the passage marked`, drawing: "The page is being drawn …",
    ocr: (n) => `Read off a picture, confidence ${n}`, glossary: "Glossary",
    saving: "Saving …", done: { accept: "Accepted", reject: "Rejected", skip: "Skipped", undo: "Undone", edit: "Accepted as edited" },
    undo_hint: "u undoes", own: (says) => `You have ${says} this row. A new decision takes its place; u undoes it.`,
    nothing_to_undo: "Nothing to undo in this tab. Find the row by search.", nothing_changed: "Nothing was changed.",
    outdated: "Meanwhile this row was decided in another tab. Look at it again.",
    unreached: "The server does not answer. Nothing is lost: what you did is kept here and sent again until it answers.",
    back: "The server answers again.", retry: "Try again",
    no_token: "Open the link that finsmith review printed: it says who you are.",
    all_done: "All rows are decided.", all_done_hint: "Commit the decisions and run dvc repro.", loading: "Loading …",
    draft: "What you had begun is back.",
    keys: [["a", "accept; as edited where something is changed; in the audit: all others yes"], ["r", "reject: then 1 to 6 for a reason, 0 for your own words"],
      ["e", "edit; Ctrl+Enter accepts, Esc goes back"], ["s", "skip: the row comes again at the end"], ["u", "undo"],
      ["1 – 5, ↑ ↓", "another answer of a question"], ["Alt+↑ ↓", "move the answer; in a field: move that choice"],
      ["1 2 3", "in the audit: yes or no"], ["Alt+1 2", "adjudicator: what this reviewer said"], ["[ ]", "another source"], ["/", "search"], ["Esc", "drop the changes"], ["?", "these keys"]],
  },
  ko: {
    review: "검토", search: "검색", help: "단축키", close: "닫기", cancel: "취소", row: "판정할 행",
    behind: "행의 근거", actions: "판정", kind: "행의 종류",
    search_for: "행의 id 또는 낱말", nothing_found: "찾은 행이 없습니다.", found: (n) => `${n}건`,
    kinds: { "": "모든 종류", row: "학습 행", question: "시험 문항", sample: "감사 표본" },
    counts: (p, pace) => `${p.decided + p.open + p.skipped}건 중 ${p.decided}건` + (p.skipped ? `, 건너뜀 ${p.skipped}건` : "")
      + (pace ? ` · 시간당 ${Math.round(pace)}건 · 남은 시간 ${timeLeft(p, pace)}` : ""),
    yield: (doubtful, others) => (doubtful.decided || others.decided ? ` · 틀린 행: 의심스러운 ${doubtful.decided}행 중 ${doubtful.wrong}행`
      + `, 그 밖의 ${others.decided}행 중 ${others.wrong}행` : ""),
    minutes: (n) => `${n}분`, hours: (n) => `${n}시간`,
    accept: "승인", accept_edited: "고쳐서 승인", reject: "반려", edit: "수정", skip: "건너뛰기", undo: "되돌리기",
    save: "고쳐서 승인", leave: "돌아가기", reset: "수정 취소", send: "답 저장",
    why_reject: "반려하는 까닭은?", own_words: "직접 쓰기",
    reasons: {
      row: ["원문과 다르다", "원문에 없다", "질문이 모호하다", "답이 불완전하다", "단서가 틀렸다", "표현이 어색하다"],
      question: ["정답이 틀렸다", "정답이 둘 이상이다", "상식이나 이름만으로 풀린다", "질문이 모호하다", "원문에 근거가 없다",
        "보기의 꼴만 보아도 풀린다"],
    },
    fields: { instruction: "지시", input: "입력", output: "출력", stem: "질문", choices: "보기", explanation: "해설",
      evidence: "근거", answer: "정답" },
    clue: (n) => `단서 ${n}`, named: "답이 든 단서", is_answer: "정답", changed: "바뀐 곳",
    up: "위로", down: "아래로", choice: (letter) => `보기 ${letter}`,
    answer_moved: (from, to) => `정답 ${from} → ${to}`, audit: ["지시가 올바른 과제인가?", "입력이 지시에 맞는가?",
      "출력이 옳은가?"], yes: "예", no: "아니요", open: "미정", comment: "의견",
    as_source: "옆의 지문과 같음", gates: { disputed_answer: "정답에 이견 있음", mixes_politeness: "높임 말투가 섞임",
      solved_without_passage: "지문 없이 풀림" },
    checks: "검사 결과", near: "이 행과 비슷해 버려진 행", no_checks: "이 행을 표시한 필터가 없습니다.", doubt: "의심", sides: "다른 검토자의 판정",
    side: (n) => `검토자 ${n}`, take: "이대로", says: { accept: "승인", reject: "반려", edit: "고쳐서 승인", skip: "건너뜀" },
    judge: (m) => ({ solved: `교사 모델이 지문을 보고 ${m.votes}번 중 ${m.right}번 정답을 골랐습니다`,
      solved_blind: `교사 모델이 지문 없이 ${m.votes}번 중 ${m.right}번 정답을 골랐습니다`,
      faithful: `교사 모델이 ${m.votes}번 중 ${m.right}번 내용이 모두 입력에 있다고 했습니다` })[m.kind],
    page: (n) => `${n}쪽`, text: "지문", no_source: "이 행의 출처를 알 수 없습니다.", general: "일반 행이라 출처가 없습니다.",
    picture: (document, n) => `${document} ${n}쪽, 지문에 표시함`, drawing: "쪽을 그리는 중 …",
    ocr: (n) => `그림에서 읽음, 신뢰도 ${n}`, glossary: "용어집",
    saving: "저장 중 …", done: { accept: "승인했습니다", reject: "반려했습니다", skip: "건너뛰었습니다", undo: "되돌렸습니다", edit: "고쳐서 승인했습니다" },
    undo_hint: "u로 되돌립니다", own: (says) => `이미 판정한 행입니다(${says}). 다시 판정하면 바뀌고, u로 되돌립니다.`,
    nothing_to_undo: "이 탭에서 되돌릴 판정이 없습니다. 검색으로 행을 찾으세요.", nothing_changed: "바뀐 것이 없습니다.",
    outdated: "그사이 다른 탭에서 판정한 행입니다. 다시 보세요.",
    unreached: "서버가 응답하지 않습니다. 잃은 것은 없습니다. 하던 일은 여기에 남아 있으며, 응답할 때까지 다시 보냅니다.",
    back: "서버가 다시 응답합니다.", retry: "다시 시도",
    no_token: "finsmith review가 출력한 링크를 여세요. 링크가 누구인지 알려 줍니다.",
    all_done: "모든 행을 판정했습니다.", all_done_hint: "판정 파일을 커밋하고 dvc repro를 실행하세요.", loading: "불러오는 중 …",
    draft: "하던 작업을 되살렸습니다.",
    keys: [["a", "승인. 고친 것이 있으면 고쳐서 승인. 감사 표본에서는 나머지를 모두 예로"], ["r", "반려. 1–6은 까닭, 0은 직접 쓰기"], ["e", "수정. Ctrl+Enter로 승인, Esc로 돌아가기"],
      ["s", "건너뛰기. 끝에 다시 나옵니다"], ["u", "되돌리기"], ["1 – 5, ↑ ↓", "문항의 정답 바꾸기"],
      ["Alt+↑ ↓", "정답 보기 옮기기. 입력란에서는 그 보기 옮기기"], ["1 2 3", "감사 표본: 예 또는 아니요"],
      ["Alt+1 2", "조정자: 그 검토자의 판정대로"], ["[ ]", "다른 출처"], ["/", "검색"], ["Esc", "수정 취소"], ["?", "단축키"]],
  },
};

function timeLeft(progress, pace) {
  const hours = (progress.open + progress.skipped) / pace;
  return hours < 1 ? words.minutes(Math.ceil(hours * 60)) : words.hours(hours.toFixed(1));
}

export const letter = (index) => LETTERS[index];
export let language = localStorage.getItem("language") ?? (navigator.language.startsWith("ko") ? "ko" : "en");
export let words = WORDS[language] ?? WORDS.en;

export function speak(other) {
  language = other in WORDS ? other : "en";
  words = WORDS[language];
  localStorage.setItem("language", language);
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = words[one.dataset.word];
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", words[one.dataset.label]);
}
