{-# LANGUAGE DeriveDataTypeable, RankNTypes #-}
-- Data.Data: generic queries and transformations over a nested type.
module Main (main) where

import Data.Data
import Data.Maybe

data Company = Company { name :: String, staff :: [Person] } deriving (Show, Data)
data Person = Person { who :: String, pay :: Int, boss :: Maybe Person } deriving (Show, Data)

everywhere :: (forall a. Data a => a -> a) -> (forall a. Data a => a -> a)
everywhere f x = f (gmapT (everywhere f) x)

everything :: (r -> r -> r) -> (forall a. Data a => a -> r) -> (forall a. Data a => a -> r)
everything k f x = foldl k (f x) (gmapQ (everything k f) x)

main :: IO ()
main = do
  let c = Company "ACME" [Person "Ann" 100 Nothing, Person "Bob" 50 (Just (Person "Cyd" 200 Nothing))]
      raise x = fromMaybe x (cast . (* 2) =<< (cast x :: Maybe Int))
  print (everywhere raise c)
  print (everything (+) (fromMaybe 0 . cast) c :: Int)
  print (toConstr c, dataTypeOf c, constrFields (toConstr (head (staff c))))
  print (map showConstr (dataTypeConstrs (dataTypeOf (Nothing :: Maybe Int))), length (gmapQ (const ()) c))
  print (fromConstr (indexConstr (dataTypeOf True) 2) :: Bool)
