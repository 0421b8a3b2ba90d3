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
};
