export const summaryJa = {
  summary: {
    download: "ダウンロード", downloadOf: "ダウンロード：{{what}}", showAll: "{{count}}件すべて表示", notThere: "まとめを読み込めませんでした。",
    came: "参加した学習者", ofExpected: "予定 {{count}} 人中", counted: "{{what}}：{{count}}", length: "長さ", activity: "取り組み", activityNote: "求められた回答・提出・レビューのうち行われた割合",
    learnersTalk: "学習者の発言", spoke_other: "{{count}} 人の学習者が発言",
    talk: "発言のバランス", talkNote: "各自が話した時間です。", nobodySpoke: "発言はありませんでした。",
    noPolls: "投票はありませんでした。", notShared: "結果は共有されませんでした。", noReviews: "相互レビューはありませんでした。", feedback: "あなたの提出物へのフィードバック",
    works_other: "提出物 {{count}} 件", worksOf: "{{title}}の提出物", byCriterion: "{{title}}：基準ごとの達成度", reached: "達成度", authors: "提出者",
    reviewsDone: "レビュー", overall: "総合", agreement: "一致度",
    groups: "ブレイクアウトルーム", noGroups: "ブレイクアウトルームはありませんでした。", round: "第 {{number}} 回", nobody: "なし",
  },
  chart: { asTable: "表で表示", asChart: "グラフで表示", room: "ルーム", votes: "票", answer: "回答", first: "1回目の投票", second: "2回目の投票", byRoom: "ルームごとの結果" },
  roster: {
    title: "名簿", import: "取り込む", replace: "差し替える", paste: "名簿をここに貼り付けてください", hint: "CSV、JSON、または表計算ソフトからコピーしたセル。1行目は列名です。",
    preview: "プレビュー", people_other: "{{count}} 人", line: "行", untitled: "{{number}} 列目", columnIs: "「{{column}}」の内容",
    roles: { email: "メール", external_id: "外部 ID", name: "名前", room: "ルーム", score: "スコア", attribute: "属性", ignore: "取り込まない" },
    more_other: "ほか {{count}} 人", take_other: "{{count}} 人を取り込む",
    wrong_other: "先に直す問題が {{count}} 件あります", atLine: "{{line}} 行目：", atCell: "{{line}} 行目、{{column}} 列：",
    missing: "{{name}}（{{line}} 行目）",
    problems: {
      empty: "人が含まれていません。", quote: "引用符が閉じられていないか、引用符で囲まれていないセルの中にあります。", json: "JSON の人のリストではありません。",
      fields: "1行目と同じ {{value}} 個のセルが必要です。", no_key_column: "人を見つけるため、メールか外部 ID の列が必要です。",
      twice_column: "「{{value}}」は別の列と同じ内容です。どちらかを外してください。", no_key: "メールも外部 ID もありません。", not_an_email: "「{{value}}」はメールアドレスではありません。",
      not_a_number: "「{{value}}」は数値ではありません。", twice: "「{{value}}」は前の行にもあります。", untitled: "属性には列名が必要です。", too_many: "取り込めるのは {{value}} 人までです。",
    },
  },
  preview: { show: "プレビュー", hide: "プレビューを閉じる", title: "参加者に見える内容", note: "試すことができます。何も送信されません。", sample: "ここに提出物が表示されます。" },
  device: { replaced: { mic: "マイクが外れました。現在は「{{device}}」を使用しています。", camera: "カメラが外れました。現在は「{{device}}」を使用しています。" }, another: "別の機器" },
};
