-- An expression evaluator with parsec, with its error messages. Catches lazy parsers that leak
-- or wrong positions.
module Main (main) where

import Text.Parsec
import Text.Parsec.Expr
import qualified Text.Parsec.Token as P
import Text.Parsec.Language (haskellDef)
import Text.Parsec.String

lexer :: P.TokenParser ()
lexer = P.makeTokenParser haskellDef

expr :: Parser Integer
expr = buildExpressionParser table term <?> "expression"
  where
    term = P.parens lexer expr <|> P.natural lexer <?> "term"
    table = [[Prefix (negate <$ P.reservedOp lexer "-")], [Infix ((^) <$ P.reservedOp lexer "^") AssocRight], [bin "*" (*), bin "/" div], [bin "+" (+), bin "-" (-)]]
    bin s f = Infix (f <$ P.reservedOp lexer s) AssocLeft

main :: IO ()
main = mapM_ run ["1 + 2 * 3", "(1 + 2) * 3", "2 ^ 3 ^ 2", "-4 + 10 / 3 {- comment -}", "7 - 2 - 1", "2 ^ 100", "1 +", "(1", "3 $ 4", "", "1\n  + x"]
  where run s = putStrLn (show s ++ " => " ++ either show show (parse (P.whiteSpace lexer *> expr <* eof) "input" s))
