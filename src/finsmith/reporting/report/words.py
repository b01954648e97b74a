"""Names that the report tells in Korean and English: checks of the audit, marks of scale, what judges were asked."""

CHECKS = {
    "ids": ("모든 id가 이어진다", "Every id resolves."),
    "origins": (
        "학습 행은 모두 문서, 용어집, 일반 데이터, 시드 과제에서 왔다",
        "Every training row comes from a document, a glossary, general data or a seed task.",
    ),
    "calls": (
        "모든 호출이 장부에 있고 장부의 합이 말한 값과 같다",
        "Every call is in a ledger, and the ledgers add up to what is told.",
    ),
    "counts": (
        "후보는 남겼거나 버렸고, 학습 데이터는 도메인 행과 일반 행의 합이다",
        "Candidates are kept or rejected; the training set is domain and general rows.",
    ),
    "files": ("모든 파일이 dvc.lock의 것이다", "Every file is that of dvc.lock."),
    "test": ("시험 문항으로 학습하지 않았다", "Nothing of the test was trained on."),
    "adapter": (
        "채점한 어댑터는 이 학습 데이터로 학습했다",
        "The adapter that was scored was trained on this training set.",
    ),
    "withdrawn": ("철회한 문서가 아무 데도 남지 않았다", "Nothing is left of withdrawn documents."),
    "accuracy": ("정확도는 예측에서 센 것과 같다", "Accuracies are those counted from the predictions."),
}
SCALE_MARKS = {
    "bank_of_korea_outlook_2023": "한국은행 2023년 8월 경제전망보고서 한 권 (68쪽, 65,422토큰)",
    "phi_1": "phi-1의 학습 자료 (70억 토큰)",
    "bloomberggpt": "BloombergGPT의 학습 자료 (7,000억 토큰)",
    "llama_2": "Llama 2의 학습 자료 (2조 토큰)",
}
JUDGED = {
    "solved": ("지문을 보고 푼 4지선다", "4-choice questions answered with the passage"),
    "solved_blind": ("지문 없이 푼 4지선다", "4-choice questions answered without it"),
    "faithful": ("입력에 충실한지", "faithfulness to the input"),
}
