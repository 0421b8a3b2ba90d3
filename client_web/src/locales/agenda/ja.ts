export const agendaJa = {
  agenda: {
    title: "進行表", label: "進行表",
    step: "ステップ {{number}} / {{of}}", left: "残り {{time}}", over: "{{time}} 超過", up: "時間です",
    onTime: "予定どおり", behind: "{{minutes}} 分遅れ", ahead: "{{minutes}} 分早い", endsAt: "{{time}} 終了予定",
    next: "次へ", nextIs: "次: {{title}}", nextUnknown: "次のステップ", last: "これで終わりです", finish: "終了", back: "戻る", start: "開始",
    more: "{{minutes}} 分延長", anyway: "このまま開始", goOn: "進む", cancel: "やめる",
    reviewRuns: "相互レビューはまだ進行中です。進むと完全に終了します。",
    ready: "進行表の準備ができました: {{steps}} ステップ、{{time}}。", ended: "進行表は終わりました。",
    kinds: { plenary: "全体", breakouts: "ブレイクアウトルーム", poll: "投票", review: "相互レビュー", break: "休憩" },
    status: { running: "進行中", done: "済み", skipped: "省略" },
    actions: "{{title}} の操作", goTo: "このステップへ", skip: "省略する", unskip: "省略しない", prepare: "今すぐ準備する",
    hours: "{{hours}} 時間 {{minutes}} 分", minutes: "{{minutes}} 分", seconds: "{{seconds}} 秒", planned: "予定 {{time}}", notes: "メモ", hiddenStep: "ステップ {{number}}",
    edit: "編集・読み込み", import: "進行表を読み込む", empty: "進行表はまだありません", emptyHint: "進行表は、いつ何をするかを決め、各ステップに必要なものを開きます。",
    sheet: "進行表", sheetHint: "YAML のテキストです。済んだものと進行中のものは変わりません。", fromFile: "ファイルから", toFile: "ファイルに保存", use: "この進行表を使う",
    line: "{{line}} 行目", offline: "サーバーに接続できません。",
  },
};
