-- Derived and library Read instances, readMaybe, reads, lex. Catches wrong precedences.
module Main (main) where

import qualified Data.Map as M
import Text.Read

data Expr = Num Int | Expr :+: Expr | Neg { inner :: Expr } | Pair (Maybe Expr, [Bool]) deriving (Show, Read, Eq)
infixl 6 :+:

main :: IO ()
main = do
  let e = Num 1 :+: Neg { inner = Num (-2) } :+: Pair (Just (Num 3), [True, False])
  print e
  print (read (show e) == e)
  print (readMaybe "Neg {inner = Num 7}" :: Maybe Expr)
  print (readMaybe "Neg {inner = }" :: Maybe Expr)
  print (readEither "12 x" :: Either String Int)
  print (reads "5 rest" :: [(Int, String)])
  print (read " ( 3 , \"a\\nb\\955\" , 'c' , [1.5,2e3] ) " :: (Int, String, Char, [Double]))
  print (read "fromList [(1,\"x\"),(2,\"y\")]" :: M.Map Int String)
  print (map (readMaybe :: String -> Maybe Int) ["0x1F", "0o17", "-3", "- 3", "1e3", "", "99999999999999999999"])
  print (lex "  hello(world)", lex "\"str\" x", lex "<= 3")
  print (readMaybe "Just (Left 3)" :: Maybe (Maybe (Either Int Bool)))
